import { describe, expect, it } from 'vitest'
import { age, edtf, localOf, readDay, relative, rightToLeft, short, span, tenths, wallTime } from './format'

describe('edtf', () => {
  it.each([
    ['1972-09-07', 'en', '1972-09-07'],
    ['1972-09-07', 'ru', '07.09.1972'],
    ['1972-09', 'ru', '09.1972'],
    ['1972', 'ru', '1972'],
    ['1958/1963', 'en', '1958–1963'],
    ['1958-02/1963-11-30', 'ru', '02.1958–30.11.1963'],
    ['1958~', 'en', 'c.\u00a01958'],
    ['1958~', 'ru', 'ок.\u00a01958'],
    ['not a date', 'ru', 'not a date'],
    ['', 'ru', ''],
  ] as const)('%s in %s is %s', (value, lang, want) => expect(edtf(value, lang)).toBe(want))
})

describe('readDay takes both ways of writing and no impossible day', () => {
  it.each([
    ['22.11.2026', '2026-11-22'],
    ['2026-11-22', '2026-11-22'],
    ['1.2.2026', '2026-02-01'],
    ['30.02.2026', undefined],
    ['2026-13-01', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ])('%s', (text, want) => expect(readDay(text)).toBe(want))
})

describe('age', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  it.each([
    ['1972-11-22', 54],
    ['1972-11-23', 53],
    ['1972', 54],
    ['1958/1963', undefined],
    [undefined, undefined],
  ])('%s', (born, want) => expect(age(born, now)).toBe(want))
})

describe('span', () => {
  it.each([
    [0, 'en', '0\u00a0min'],
    [38.9, 'en', '38\u00a0min'],
    [72, 'ru', '1\u00a0ч\u00a012'],
    [605, 'en', '10\u00a0h\u00a005'],
    [60 * 24 * 3, 'ru', '3\u00a0д'],
    [-5, 'en', '0\u00a0min'],
  ] as const)('%d minutes in %s', (minutes, lang, want) => expect(span(minutes, lang)).toBe(want))
})

it('an instant in a zone gives the wall time there', () => {
  expect(localOf('2026-11-22T18:40:00Z', 'Asia/Almaty')).toBe('2026-11-22T23:40')
  expect(localOf('rubbish')).toBe('')
  expect(wallTime('2026-11-22T23:40')).toBe('23:40')
})

it('relative times stay short and become a date when old', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')
  expect(relative('2026-11-22T11:57:00Z', now, 'en')).toBe('3 min. ago')
  expect(relative('2026-11-22T14:00:00Z', now, 'ru')).toBe('через 2 ч')
  expect(relative('2026-01-02T12:00:00Z', now, 'ru')).toBe('02.01.2026')
  expect(relative(undefined, now, 'ru')).toBe('')
})

it('knows scripts that read from the right', () => {
  expect(rightToLeft('ملکی امیر')).toBe(true)
  expect(rightToLeft('Ҳамроева Дилдора')).toBe(false)
})

it('shortens identifiers only when they are long', () => {
  expect(short('abc')).toBe('abc')
  expect(short('0123456789abcdef')).toBe('0123456789ab…')
})

it('tells tenths of a second in the words of the reader', () => {
  expect(tenths(3.44, 'en')).toBe('3.4')
  expect(tenths(3.44, 'ru')).toBe('3,4')
  expect(tenths(0.003, 'en')).toBe('less than 0.1')
  expect(tenths(0.003, 'ru')).toBe('меньше 0,1')
})
