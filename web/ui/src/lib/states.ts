import { vocab } from '../app/vocab.svelte'
import { m } from '../paraglide/messages'

const STATES: Record<string, () => string> = {
  expected: m.st_expected,
  arrived: m.st_arrived,
  landed: m.st_arrived,
  airborne: m.st_expected,
  cancelled: m.st_cancelled,
  active: m.st_active,
  kept: m.st_kept,
  held: m.exhibit_held,
  removed: m.st_removed,
  open: m.istate_open,
  waiting: m.istate_waiting,
  withdrawn: m.istate_withdrawn,
}

/** The state of any record in a word: the agency's vocabulary first, then ours, then the code. */
export function stateName(code: string | undefined): string {
  if (!code) return ''
  const said = vocab.label('hitstate', code)
  return said !== code ? said : (STATES[code]?.() ?? code)
}
