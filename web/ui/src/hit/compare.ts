/** Traveller against listed person, field by field, as the queue shows it before the hit is opened. */
import type { Agreement, Field, HitRow, PersonFacts, Reason } from '../api'

export const FACTS = ['born', 'sex', 'nationality'] as const
export type Fact = (typeof FACTS)[number]

function years(value: string): [number, number] | undefined {
  const [from = '', to = from] = value.replaceAll('~', '').split('/')
  const a = Number(from.slice(0, 4))
  const b = Number(to.slice(0, 4))
  return Number.isFinite(a) && Number.isFinite(b) && a > 0 ? [a, b] : undefined
}

/** Birth dates: the same text, one inside the other (1972-09-07 in 1972), or different. */
export function bornAgreement(a: string | undefined, b: string | undefined): Agreement {
  if (!a || !b) return 'unknown'
  if (a === b) return 'same'
  const x = years(a)
  const y = years(b)
  if (!x || !y) return 'unknown'
  const within = x[0] <= y[1] && y[0] <= x[1]
  const partial = a.length !== b.length || /[~/]/.test(a + b)
  if (!within) return 'different'
  return partial && (a.startsWith(b) || b.startsWith(a) || /[~/]/.test(a + b)) ? 'similar' : 'different'
}

export function factAgreement(fact: Fact, traveller: PersonFacts, listed: PersonFacts, reasons: Reason[]): Agreement {
  const said = reasons.find((r) => r.field === fact)
  if (said) return said.agreement
  const a = traveller[fact]
  const b = listed[fact]
  if (fact === 'born') return bornAgreement(a, b)
  if (!a || !b) return 'unknown'
  return a === b ? 'same' : 'different'
}

/** "Sex differs: likely another person" -> "Sex differs"; a sentence without a conclusion stays whole. */
export function cause(text: string): string {
  const at = text.lastIndexOf(': ')
  return at > 0 ? text.slice(0, at) : text
}

/** For (right) and against (left), as parts of the largest weight on the page. */
export function weightPart(
  weight: number,
  agreement: Agreement,
  largest: number,
): { side: 'for' | 'against'; part: number } {
  const against = weight < 0 || agreement === 'different'
  const part = largest > 0 ? Math.min(1, Math.abs(weight) / largest) : 0
  return { side: against ? 'against' : 'for', part }
}

export const OPEN_STATES = new Set(['new', 'claimed'])
export const isOpen = (hit: Pick<HitRow, 'state'>): boolean => OPEN_STATES.has(hit.state)

export interface PaperFacts {
  type: string
  number: string
  issuer: string
  expires: string
}
/** The documents among the fields of a body: `documents.0.number` and its companions, gathered by their place. */
export function documentsOf(fields: Field[]): PaperFacts[] {
  const out: PaperFacts[] = []
  for (const { code, value } of fields) {
    const [, at = '', key = ''] = /^documents\.(\d+)\.(type|number|issuer|expires)$/.exec(code) ?? []
    if (!key) continue
    const paper = (out[Number(at)] ??= { type: '', number: '', issuer: '', expires: '' })
    paper[key as keyof PaperFacts] = value
  }
  return out.filter((p) => p.number)
}
