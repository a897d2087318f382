import { fieldName } from '../lib/fields'
import { m } from '../paraglide/messages'

/** Columns of the envelope, which every record has. */
const ENVELOPE: Record<string, () => string> = {
  '@title': m.field_title,
  '@state': m.field_state,
  '@kind': m.record_kind,
  '@occurred': m.record_occurred,
  '@changed': m.entry_changed,
  '@marking': m.record_marking,
  '@agency': m.export_agency,
  '@id': () => 'ID',
  '@raw': m.raw_title,
}

/** The title of a column, as it stands on the copy. */
export function columnName(code: string): string {
  return ENVELOPE[code]?.() ?? fieldName(code)
}

/** Whether a column has a name in words, and not only its code. */
export function named(code: string): boolean {
  return columnName(code) !== code.replaceAll(/[._-]/g, ' ')
}
