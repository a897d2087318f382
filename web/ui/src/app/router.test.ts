import { expect, it } from 'vitest'
import { match, readPlace, withQuery } from './router'

const routes = [
  ['/', 'today'],
  ['/hits', 'hits'],
  ['/hits/:id', 'hit'],
] as const

it.each([
  ['/', 'today', {}],
  ['/hits', 'hits', {}],
  ['/hits/h%201', 'hit', { id: 'h 1' }],
  ['/hits/h1/more', undefined, undefined],
  ['/hits/%', undefined, undefined],
])('%s', (path, name, params) => {
  const found = match(routes, path)
  expect(found?.name).toBe(name)
  if (params) expect(found?.params).toEqual(params)
})

it('keeps the other filters when one changes, and drops empty ones', () => {
  const place = readPlace(new URL('http://x/hits/?q=a&place=ALA'))
  expect(place.path).toBe('/hits')
  expect(withQuery(place, { q: undefined, list: 'un' })).toBe('/hits?place=ALA&list=un')
})
