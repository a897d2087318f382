import { expect, it } from 'vitest'
import { sixDigits } from './digits'

it('reads a code with the gap that apps show, and nothing that is no code', () => {
  expect(sixDigits('123 456')).toBe('123456')
  expect(sixDigits(' 123456')).toBe('123456')
  expect(sixDigits('12345')).toBeUndefined()
  expect(sixDigits('12345a')).toBeUndefined()
  expect(sixDigits('')).toBeUndefined()
})
