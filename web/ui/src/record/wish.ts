/** The form of a correction, free of any framework: what may be changed, what was changed. */
import type { Proposable } from '../api'

export type Wishes = Record<string, string>

/** Fields with a value come first sight; empty ones and additions on request, or once something stands in them. */
export function shownFields(fields: Proposable[], wishes: Wishes, all: boolean): Proposable[] {
  return fields.filter((f) => all || f.value !== '' || (wishes[f.code] ?? '') !== '')
}

/** What differs from the record as it stands, in the order of its fields. */
export function changesOf(fields: Proposable[], wishes: Wishes): { field: string; to: string }[] {
  return fields
    .filter((f) => wishes[f.code] !== undefined && wishes[f.code]?.trim() !== f.value)
    .map((f) => ({ field: f.code, to: wishes[f.code]?.trim() ?? '' }))
}

/** Which of several a field belongs to: "names.1.full" is the second; 0 when there is only one of it. */
export function placeOf(code: string): number {
  const at = code.split('.').find((part) => /^\d+$/.test(part))
  return at === undefined ? 0 : Number(at) + 1
}

/** Long words get a box of several lines. */
export const isLong = (f: Proposable): boolean => f.class === 'text' || f.value.length > 80
