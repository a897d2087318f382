import { expect, it } from 'vitest'
import { endOfDay, readIds, readPeriod } from './period'

it('reads the periods of the policies, and nothing else', () => {
  expect(readPeriod('PT72H')).toEqual({ years: 0, months: 0, days: 0, hours: 72 })
  expect(readPeriod('P6M')).toEqual({ years: 0, months: 6, days: 0, hours: 0 })
  expect(readPeriod('P1Y6M')).toEqual({ years: 1, months: 6, days: 0, hours: 0 })
  for (const none of ['', undefined, 'P', '72H', 'P0D', 'PT5M']) expect(readPeriod(none)).toBeUndefined()
})

it('finds records by number or address, each once, and says what is neither', () => {
  const id = '0190b6a0-1111-7abc-8def-0123456789ab'
  expect(readIds(`${id}\nhttps://node/records/${id.toUpperCase()}?view=raw`)).toEqual({ ids: [id], left: [] })
  expect(readIds(`${id}, Akhmetov`)).toEqual({ ids: [id], left: ['Akhmetov'] })
  expect(readIds(' \n')).toEqual({ ids: [], left: [] })
})

it('holds to the end of a day that is still to come', () => {
  const now = Date.parse('2026-11-24T12:00:00')
  expect(endOfDay('2026-11-24', now)).toBe(new Date('2026-11-24T23:59:59').toISOString())
  expect(endOfDay('2026-11-23', now)).toBeUndefined()
  expect(endOfDay(undefined, now)).toBeUndefined()
})
