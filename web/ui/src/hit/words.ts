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
