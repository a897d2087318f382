import type { HitRow } from '../api'
import { pick } from '../app/locale.svelte'
import { m } from '../paraglide/messages'
import { deciding } from './compare'

export function leanWord(leans: string): string {
  return leans === 'same' ? m.lean_same() : leans === 'different' ? m.lean_different() : m.lean_unclear()
}

/** The reasons of the leaning in one line; what the machine concludes when it names none. */
export function because(row: HitRow): string {
  const reasons = deciding(row.verdict.leans, row.strongest).map((r) => pick(r.text_en, r.text_ru))
  return reasons.length ? reasons.join(' · ') : pick(row.verdict.text_en, row.verdict.text_ru)
}
