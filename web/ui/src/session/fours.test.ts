import { expect, it } from 'vitest'
import { inFours } from './fours'

it.each([
  ['', ''],
  ['ABCD', 'ABCD'],
  ['ABCDE', 'ABCD E'],
  ['KRSX G5CTMVRXEZLU', 'KRSX G5CT MVRX EZLU'],
])('writes %j as %j', (key, shown) => expect(inFours(key)).toBe(shown))
