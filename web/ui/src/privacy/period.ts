/** A duration of ISO 8601 as the policies write it, by its parts: `PT72H`, `P30D`, `P6M`, `P5Y`. No framework. */
export interface Span {
  years: number
  months: number
  days: number
  hours: number
}

export function readPeriod(text: string | undefined): Span | undefined {
  const parts = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(\d+)H)?$/.exec(text ?? '')
  if (!parts) return undefined
  const [years = 0, months = 0, days = 0, hours = 0] = parts.slice(1).map((p) => Number(p ?? 0))
  return years + months + days + hours > 0 ? { years, months, days, hours } : undefined
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
/** The numbers of records in what a person typed or pasted, addresses too; each once. `left` is what is none. */
export function readIds(text: string): { ids: string[]; left: string[] } {
  const ids = [...new Set([...text.matchAll(ID)].map((found) => found[0].toLowerCase()))]
  const left = text.split(/[\s,;]+/).filter((word) => word !== '' && !new RegExp(ID.source, 'i').test(word))
  return { ids, left }
}

/** The end of a day where the officer sits, as an instant; undefined unless it is still to come. */
export function endOfDay(day: string | undefined, now: number): string | undefined {
  const at = Date.parse(`${day ?? ''}T23:59:59`)
  return Number.isFinite(at) && at > now ? new Date(at).toISOString() : undefined
}
