import type { NetworkParty } from '../api'

const fold = (text: string): string => text.toLowerCase().replaceAll('ё', 'е')

/** Parties in whose names, ids, people or telephones every word occurs; digits find numbers however they are spaced. */
export function found(all: NetworkParty[], q: string): NetworkParty[] {
  const words = fold(q).split(/\s+/).filter(Boolean)
  const digits = q.replace(/\D/g, '')
  if (!words.length) return all
  return all.filter((p) => {
    const text = fold(
      [
        p.id,
        p.country,
        p.name.en,
        p.name.ru,
        p.own ?? '',
        ...p.topics,
        ...p.people.flatMap((x) => [x.name.en, x.name.ru, ...x.languages]),
      ].join(' '),
    )
    const numbers = p.people.flatMap((x) => x.phones.map((n) => n.replace(/\D/g, '')))
    return words.every((w) => text.includes(w)) || (digits.length > 2 && numbers.some((n) => n.includes(digits)))
  })
}
