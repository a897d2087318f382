import { describe, expect, it } from 'vitest'
import { bornAgreement, cause, documentsOf, factAgreement, weightPart } from './compare'

describe('birth dates side by side', () => {
  it.each([
    ['1981-03-14', '1981-03-14', 'same'],
    ['1981-03-14', '1981', 'similar'],
    ['1981-03-14', '1981-03', 'similar'],
    ['1981-03-14', '1981-04', 'different'],
    ['1981-03-14', '1979/1983', 'similar'],
    ['1981-03-14', '1958/1963', 'different'],
    ['1981', '1981~', 'similar'],
    ['1981-03-14', '1990-01-01', 'different'],
    ['1981-03-14', undefined, 'unknown'],
  ] as const)('%s and %s', (a, b, want) => expect(bornAgreement(a, b)).toBe(want))
})

it('the reason of the node wins over our own comparison', () => {
  const reason = {
    field: 'born',
    agreement: 'similar',
    code: 'born.day-month-swapped',
    text_en: '',
    text_ru: '',
    weight: 1.5,
  } as const
  const a = { name: 'A', born: '1997-09-10' }
  const b = { name: 'A', born: '1997-10-09' }
  expect(factAgreement('born', a, b, [])).toBe('different')
  expect(factAgreement('born', a, b, [reason])).toBe('similar')
})

it('takes the conclusion off a verdict, not a sentence apart', () => {
  expect(cause('Sex differs: likely another person')).toBe('Sex differs')
  expect(cause('Only the name agrees')).toBe('Only the name agrees')
})

it('puts evidence on its side, as a part of the largest', () => {
  expect(weightPart(-2, 'different', 4)).toEqual({ side: 'against', part: 0.5 })
  expect(weightPart(4, 'same', 4)).toEqual({ side: 'for', part: 1 })
  expect(weightPart(0, 'same', 0)).toEqual({ side: 'for', part: 0 })
})

it('gathers documents from the fields of a body', () => {
  const field = (code: string, value: string) => ({ code, value, class: 'identity' as const })
  const got = documentsOf([
    field('names.0.full', 'A B'),
    field('documents.0.type', 'P'),
    field('documents.0.number', 'N1'),
    field('documents.1.number', 'N2'),
    field('documents.2.issuer', 'KAZ'),
  ])
  expect(got.map((d) => [d.type, d.number])).toEqual([
    ['P', 'N1'],
    ['', 'N2'],
  ])
})
