/** What a table remembers of its columns, and how its rows become text. No framework. */

export interface Column<T> {
  id: string
  title: string
  /** Width in pixels; a column without one shares what is left. */
  width?: number
  min?: number
  /** Part of the table's width in percent, for a column of sentences that must not starve beside others. */
  part?: number
  align?: 'right'
  mono?: boolean
  /** Hidden until chosen. */
  hidden?: boolean
  /** The value as text: for copying, and shown when the table has no cell of its own. */
  text: (row: T) => string
  /** Sort value on this side; a column with neither sorts not. */
  sort?: (row: T) => string | number | undefined
  /** The node sorts by this key. */
  sortKey?: string
}

export interface Layout {
  hidden: Record<string, boolean>
  widths: Record<string, number>
}

export function readLayout(text: string | null): Layout {
  try {
    const value = JSON.parse(text ?? '') as Partial<Layout>
    return { hidden: value.hidden ?? {}, widths: value.widths ?? {} }
  } catch {
    return { hidden: {}, widths: {} }
  }
}

export function shownColumns<T>(columns: Column<T>[], layout: Layout): Column<T>[] {
  const shown = columns.filter((c) => !(layout.hidden[c.id] ?? c.hidden ?? false))
  return shown.length ? shown : columns.slice(0, 1)
}

export interface Order {
  id: string
  down: boolean
}
/** First click up, second down, third as it came. */
export function nextOrder(order: Order | undefined, id: string): Order | undefined {
  if (order?.id !== id) return { id, down: false }
  return order.down ? undefined : { id, down: true }
}

/** Stable; unknown values last either way. */
export function sorted<T>(rows: readonly T[], column: Column<T> | undefined, down: boolean, lang: string): T[] {
  const value = column?.sort
  if (!value) return [...rows]
  const collator = new Intl.Collator(lang, { numeric: true, sensitivity: 'base' })
  return [...rows].sort((a, b) => {
    const x = value(a)
    const y = value(b)
    const none = (v: unknown) => v === undefined || v === ''
    if (none(x) || none(y)) return none(x) ? (none(y) ? 0 : 1) : -1
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y))
    return down ? -order : order
  })
}

/** Tab-separated text with a heading, as a spreadsheet pastes it; formulas from outside are defused. */
export function asText<T>(columns: Column<T>[], rows: readonly T[]): string {
  const clean = (value: string) => {
    const flat = value.replace(/[\t\r\n]+/g, ' ')
    return /^[=+@]|^-[^\d]/.test(flat) ? "'" + flat : flat
  }
  const lines = [columns.map((c) => clean(c.title)), ...rows.map((r) => columns.map((c) => clean(c.text(r))))]
  return lines.map((l) => l.join('\t')).join('\n')
}
