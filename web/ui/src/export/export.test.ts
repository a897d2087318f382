import { describe, expect, it } from 'vitest'
import type { ExportColumn } from '../api'
import { grouped, lifeOf, outOf, secondPerson, usual } from './export'

const columns: ExportColumn[] = [
  { code: '@title', class: 'identity', strict: false },
  { code: '@id', class: 'plain', strict: false },
  { code: 'reason', class: 'sensitive', strict: false },
  { code: 'raw', class: 'text', strict: true },
  { code: 'sender', class: 'source', strict: true },
]

describe('an export', () => {
  it('begins with nothing strict, sensitive or technical', () => {
    expect(usual(columns, () => true)).toEqual(['@title'])
    expect(usual(columns, () => false)).toEqual([])
    const many = Array.from({ length: 30 }, (_, i) => ({ code: 'c' + i, class: 'plain', strict: false }))
    expect(usual(many, () => true)).toHaveLength(10)
  })
  it('shows every column in a class, the strict ones last', () => {
    const groups = grouped(columns)
    expect(groups.map((g) => g.class)).toEqual(['identity', 'plain', 'sensitive', 'source', 'text'])
    expect(groups.flatMap((g) => g.columns)).toHaveLength(columns.length)
    expect(groups.filter((g) => g.strict).map((g) => g.class)).toEqual(['source', 'text'])
  })
  it('says why a second person must agree', () => {
    expect(secondPerson({ rows: 500, limit: 500, columns }, ['@title'])).toBeUndefined()
    expect(secondPerson({ rows: 501, limit: 500, columns }, ['@title'])).toBe('rows')
    expect(secondPerson({ rows: 1, limit: 500, columns }, ['@title', 'raw'])).toBe('classes')
  })
  it('ends when its time is over and no copy was made', () => {
    const row = { state: 'agreed', until: '2026-11-24T10:00:00Z', second: true, copies: [] } as const
    const at = Date.parse('2026-11-24T09:59:59Z')
    expect(lifeOf({ ...row, copies: [] }, at)).toBe('agreed')
    expect(lifeOf({ ...row, copies: [] }, at + 1000)).toBe('over')
    expect(lifeOf({ ...row, copies: [], second: false }, at)).toBe('free')
    expect(lifeOf({ ...row, copies: [], state: 'refused' }, at)).toBe('refused')
  })
  it('counts the copies that are out', () => {
    const copy = { number: 1, at: '', rows: 1, hash: '' }
    expect(outOf({ copies: [copy, { ...copy, number: 2, destroyed: { user: 'a', display: 'A', at: '' } }] })).toEqual([
      copy,
    ])
  })
})
