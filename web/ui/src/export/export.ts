import type { ExportColumn, ExportCopy, ExportQuery, ExportRow } from '../api'
import { m } from '../paraglide/messages'

/** Classes in the order of a reader: who, then what; the strict ones last. */
const CLASSES = ['identity', 'plain', 'sensitive', 'source', 'home', 'text'] as const
const CLASS_NAMES: Record<string, () => string> = {
  plain: m.export_class_plain,
  identity: m.export_class_identity,
  sensitive: m.export_class_sensitive,
  source: m.export_class_source,
  home: m.export_class_home,
  text: m.export_class_text,
}
export const className = (code: string): string => CLASS_NAMES[code]?.() ?? code

export interface ColumnGroup {
  class: string
  strict: boolean
  columns: ExportColumn[]
}
export function grouped(columns: readonly ExportColumn[]): ColumnGroup[] {
  return CLASSES.map((c) => {
    const own = columns.filter((x) => x.class === c)
    return { class: c, strict: own.some((x) => x.strict), columns: own }
  }).filter((g) => g.columns.length > 0)
}

/** What is ticked at first: what tells the rows apart and fits on a page; nothing strict, technical or without a name. */
const QUIET = new Set(['@id', '@kind', '@changed', '@marking', '@agency', '@raw'])
const FIRST = 10
export function usual(columns: readonly ExportColumn[], named: (code: string) => boolean): string[] {
  return columns
    .filter((c) => !c.strict && c.class !== 'sensitive' && !QUIET.has(c.code) && named(c.code))
    .map((c) => c.code)
    .slice(0, FIRST)
}

export type Why = 'rows' | 'classes' | undefined
/** Why a second person must agree; undefined when nobody has to. */
export function secondPerson(
  preview: { rows: number; limit: number; columns: readonly ExportColumn[] },
  chosen: readonly string[],
): Why {
  if (preview.columns.some((c) => c.strict && chosen.includes(c.code))) return 'classes'
  return preview.rows > preview.limit ? 'rows' : undefined
}

/** A period as the node takes it; an open end is left out. */
export function period(from: string, to: string): Pick<ExportQuery, 'from' | 'to'> {
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) }
}

/** Hands a copy to the officer: a file is saved, a page is opened to print. */
export function deliver(copy: ExportCopy): void {
  const link = document.createElement('a')
  if (copy.page) {
    link.href = copy.page
    link.target = '_blank'
    link.rel = 'noopener'
    link.click()
    return
  }
  const bytes = Uint8Array.from(atob(copy.data ?? ''), (c) => c.charCodeAt(0))
  const url = URL.createObjectURL(new Blob([bytes], { type: copy.media ?? 'application/octet-stream' }))
  link.href = url
  link.download = copy.file ?? 'export'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

export type Life = 'requested' | 'agreed' | 'free' | 'refused' | 'over'
/** Where an export is in its life, at a moment (milliseconds). */
export function lifeOf(row: Pick<ExportRow, 'state' | 'until' | 'second' | 'copies'>, now: number): Life {
  if (row.state === 'refused') return 'refused'
  if (Date.parse(row.until) <= now && row.copies.length === 0) return 'over'
  if (row.state === 'requested') return 'requested'
  return row.second ? 'agreed' : 'free'
}
export const outOf = (row: Pick<ExportRow, 'copies'>) => row.copies.filter((c) => !c.destroyed)
