import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

type Variant = { match: Record<string, string> }
type Messages = Record<string, string | Variant[]>
const areas = readdirSync('messages/en')
const read = (lang: string, area: string) => JSON.parse(readFileSync(`messages/${lang}/${area}`, 'utf8')) as Messages
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
const flat = (value: string | Variant[]) =>
  typeof value === 'string' ? [value] : value.flatMap((v) => Object.values(v.match))

it.each(areas)('%s says the same things in both languages', (area) => {
  const en = read('en', area)
  const ru = read('ru', area)
  expect(Object.keys(ru)).toEqual(Object.keys(en))
  for (const [key, value] of Object.entries(en)) {
    const other = ru[key] ?? ''
    expect(typeof other, key).toBe(typeof value)
    expect(new Set(flat(other).flatMap(holes)), key).toEqual(new Set(flat(value).flatMap(holes)))
  }
})

it.each(areas)('%s has the three Russian plural forms, and no exclamation marks', (area) => {
  for (const [key, value] of Object.entries(read('ru', area))) {
    if (typeof value !== 'string') {
      expect(
        value.flatMap((v) => Object.keys(v.match)),
        key,
      ).toEqual(['p=one', 'p=few', 'p=*'])
    }
    for (const text of flat(value)) expect(text, key).not.toMatch(/!/)
  }
})
