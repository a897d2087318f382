import type { HitRow } from '../api'
import { pick } from '../app/locale.svelte'
import { m } from '../paraglide/messages'
import { cause } from './compare'

export function leanWord(leans: string): string {
  return leans === 'same' ? m.lean_same() : leans === 'different' ? m.lean_different() : m.lean_unclear()
}

/** Why it leans so, without the conclusion: the leaning stands beside it already. */
export function because(row: HitRow): string {
  return cause(pick(row.verdict.text_en, row.verdict.text_ru))
}

const DOUBTS: Record<string, () => string> = {
  traveller: m.doubt_traveller,
  'entry-changed': m.doubt_entry_changed,
  'entry-removed': m.doubt_entry_removed,
}
export const isDoubt = (code: string): boolean => code in DOUBTS

/** What changed since the decision, as a sentence; a doubt this build does not know is still told. */
export function doubtText(doubt: string): string {
  return DOUBTS[doubt]?.() ?? m.doubt_other()
}
