/** Dates, times, names and sizes as a person reads them. No framework, no clock of its own. */

export type Lang = 'en' | 'ru'

/** `1972-09-07` -> `07.09.1972` in Russian, ISO elsewhere. Partial dates, `~` and intervals (EDTF) keep their meaning. */
export function edtf(value: string | undefined, lang: Lang): string {
  if (!value) return ''
  if (value.includes('/')) {
    const [from = '', to = ''] = value.split('/')
    return `${edtf(from, lang)}–${edtf(to, lang)}`
  }
  const about = value.endsWith('~')
  const date = about ? value.slice(0, -1) : value
  const parts = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$/.exec(date)
  if (!parts) return value
  const [, y, m, d] = parts
  const text = lang === 'ru' ? [d, m, y].filter(Boolean).join('.') : date
  return about ? `${lang === 'ru' ? 'ок.' : 'c.'}\u00a0${text}` : text
}

/** Full years between a birth date and now; undefined when the date says less than a year. */
export function age(born: string | undefined, now: number): number | undefined {
  const parts = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?~?$/.exec(born ?? '')
  if (!parts) return undefined
  const on = new Date(now)
  let years = on.getUTCFullYear() - Number(parts[1])
  const month = Number(parts[2] ?? 1)
  const day = Number(parts[3] ?? 1)
  if (on.getUTCMonth() + 1 < month || (on.getUTCMonth() + 1 === month && on.getUTCDate() < day)) years--
  return years >= 0 && years < 130 ? years : undefined
}

/** Wall time `23:40` of `2026-11-22T23:40[:00]`, whatever zone it is in. */
export function wallTime(local: string | undefined): string {
  return /T(\d{2}:\d{2})/.exec(local ?? '')?.[1] ?? ''
}
export function wallDate(local: string | undefined, lang: Lang): string {
  return edtf(/^(\d{4}-\d{2}-\d{2})/.exec(local ?? '')?.[1], lang)
}

/** Wall time of an instant in a named zone (IANA), as `YYYY-MM-DDTHH:mm`; the browser's zone when none is given. */
export function localOf(instant: string | undefined, zone?: string): string {
  const at = Date.parse(instant ?? '')
  if (!Number.isFinite(at)) return ''
  const parts = new Intl.DateTimeFormat('sv-SE', {
    ...(zone ? { timeZone: zone } : {}),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  return parts.format(at).replace(' ', 'T')
}

/** `22.11.2026 23:40` or `2026-11-22 23:40`, in the browser's zone unless one is given. */
export function dateTime(instant: string | undefined, lang: Lang, zone?: string): string {
  const local = localOf(instant, zone)
  return local ? `${wallDate(local, lang)} ${wallTime(local)}` : ''
}

/** Exact time for a hover: local and UTC, one line each. */
export function exact(instant: string | undefined, lang: Lang): string {
  if (!instant || !Number.isFinite(Date.parse(instant))) return ''
  return `${dateTime(instant, lang)}\n${dateTime(instant, lang, 'UTC')} UTC`
}

/** `3 min ago`, `in 2 hr`: the browser's own words, short. */
export function relative(instant: string | undefined, now: number, lang: Lang): string {
  const at = Date.parse(instant ?? '')
  if (!Number.isFinite(at)) return ''
  const seconds = Math.round((at - now) / 1000)
  const format = new Intl.RelativeTimeFormat(lang, { numeric: 'auto', style: 'short' })
  const size = Math.abs(seconds)
  if (size < 45) return format.format(0, 'second')
  if (size < 45 * 60) return format.format(Math.round(seconds / 60), 'minute')
  if (size < 22 * 3600) return format.format(Math.round(seconds / 3600), 'hour')
  if (size < 26 * 86400) return format.format(Math.round(seconds / 86400), 'day')
  return dateTime(instant, lang).split(' ')[0] ?? ''
}

/** `38 min`, `1 h 12`, `2 d`: a span as short as a board shows it. */
export function span(minutes: number, lang: Lang): string {
  const size = Math.max(0, Math.floor(minutes))
  const [d, h, m] = lang === 'ru' ? ['д', 'ч', 'мин'] : ['d', 'h', 'min']
  if (size < 60) return `${size}\u00a0${m}`
  if (size < 48 * 60) return `${Math.floor(size / 60)}\u00a0${h}\u00a0${String(size % 60).padStart(2, '0')}`
  return `${Math.floor(size / 1440)}\u00a0${d}`
}

export function number(value: number | undefined, lang: Lang): string {
  return value === undefined || value === null ? '' : new Intl.NumberFormat(lang).format(value)
}

/** `3.4`, `3,4`; under a tenth in words, since `0.0` is no time. */
export function tenths(seconds: number, lang: Lang): string {
  const one = new Intl.NumberFormat(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  if (seconds >= 0.05) return one.format(seconds)
  return (lang === 'ru' ? 'меньше ' : 'less than ') + one.format(0.1)
}

/** The first twelve characters of an identifier or hash, enough to recognise it by. */
export function short(id: string | undefined): string {
  return !id ? '' : id.length > 14 ? id.slice(0, 12) + '…' : id
}

/** A person of the API may be a name or an object with a name. */
export function who(by: { display: string } | string | undefined): string {
  return !by ? '' : typeof by === 'string' ? by : by.display
}

/** Text in a script that reads from the right. */
export function rightToLeft(text: string | undefined): boolean {
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(text ?? '')
}

/** A day as a person types it, `22.11.2026` or `2026-11-22`, as ISO; undefined when it is no day of the calendar. */
export function readDay(text: string): string | undefined {
  const t = text.trim()
  const ru = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/.exec(t)
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(t)
  const [y, m, d] = ru ? [ru[3], ru[2], ru[1]] : iso ? [iso[1], iso[2], iso[3]] : []
  if (!y || !m || !d) return undefined
  const at = new Date(Date.UTC(Number(y), Number(m) - 1, Number(d)))
  if (at.getUTCMonth() + 1 !== Number(m) || at.getUTCDate() !== Number(d)) return undefined
  return at.toISOString().slice(0, 10)
}
