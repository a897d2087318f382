import { expect, it } from 'vitest'
import type { Proposable } from '../api'
import { changesOf, isLong, placeOf, shownFields } from './wish'

const field = (code: string, value: string, more: Partial<Proposable> = {}): Proposable => ({
  code,
  value,
  class: 'identity',
  new: false,
  ...more,
})
const FIELDS = [field('names.0.full', 'A'), field('names.1.full', '', { new: true }), field('sex', '')]

it('shows what has a value, and the rest on request or once it is written', () => {
  const codes = (wishes: Record<string, string>, all: boolean) => shownFields(FIELDS, wishes, all).map((f) => f.code)
  expect(codes({}, false)).toEqual(['names.0.full'])
  expect(codes({ sex: 'M' }, false)).toEqual(['names.0.full', 'sex'])
  expect(codes({}, true)).toHaveLength(3)
})
it('sends what differs and nothing else', () => {
  expect(changesOf(FIELDS, {})).toEqual([])
  expect(changesOf(FIELDS, { 'names.0.full': ' A ', sex: ' ' })).toEqual([])
  expect(changesOf(FIELDS, { sex: 'M', 'names.0.full': '' })).toEqual([
    { field: 'names.0.full', to: '' },
    { field: 'sex', to: 'M' },
  ])
})
it('counts places from one', () => {
  expect([placeOf('names.1.full'), placeOf('sex'), placeOf('words.0')]).toEqual([2, 0, 1])
})
it('gives free text room', () => {
  expect([
    isLong(field('a', 'x')),
    isLong(field('a', '', { class: 'text' })),
    isLong(field('a', 'x'.repeat(90))),
  ]).toEqual([false, true, true])
})
