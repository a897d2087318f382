import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { codeOf, recallable, toneOf } from './state'
import { badKind, rulesOf } from './rules'

const read = (path: string) => readFileSync(path, 'utf8')

describe('reasons', () => {
  it('gives every sentence that is translated, and no code twice', () => {
    const words = Object.keys(JSON.parse(read('messages/en/sharing.json')) as object)
    const source = read('src/sharing/reasons.ts')
    for (const key of words.filter((w) => w.startsWith('sharing_why_'))) {
      expect(source.split(new RegExp(`m\\.${key}\\b`)).length - 1, key).toBe(1)
    }
  })
})

describe('the state of a share', () => {
  it('tells how far an edition came while nobody wants it back', () => {
    expect(codeOf({ state: 'active', delivery: { state: 'sealed' } })).toBe('waits')
    expect(codeOf({ state: 'active', delivery: { state: 'opened' } })).toBe('opened')
    expect(codeOf({ state: 'active', delivery: { state: 'refused', problem: 'p' } })).toBe('sendrefused')
    expect(codeOf({ state: 'active' })).toBe('active')
  })
  it('tells what the holder says once it was asked, whatever became of the edition', () => {
    expect(codeOf({ state: 'held', delivery: { state: 'opened' } })).toBe('held')
    expect(toneOf(codeOf({ state: 'refused' }))).toBe('bad')
  })
  it('can be recalled once', () => {
    expect(recallable({ state: 'active' })).toBe(true)
    expect(recallable({ state: 'active', asked: { what: 'recall', at: '' } })).toBe(false)
    expect(recallable({ state: 'gone' })).toBe(false)
  })
})

describe('rules of an agreement', () => {
  it('leaves out kinds that are not narrowed, and finds one without a field', () => {
    const rules = {
      a: { how: '' as const, fields: ['x'] },
      b: { how: 'only' as const, fields: ['y', 'z'] },
    }
    expect(rulesOf(rules)).toEqual([{ kind: 'b', only: ['y', 'z'] }])
    expect(badKind(rules)).toBeUndefined()
    expect(badKind({ ...rules, c: { how: 'except', fields: [] } })).toBe('c')
  })
})
