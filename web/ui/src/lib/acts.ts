import { m } from '../paraglide/messages'

const ACTS: Record<string, () => string> = {
  created: m.act_created,
  found: m.act_created,
  evidence: m.act_evidence,
  reopen: m.act_reopened,
  moved: m.act_moved,
  send: m.act_instructed,
  'take-over': m.act_taken_over,
  lapse: m.act_lapsed,
  raised: m.act_created,
  new: m.act_created,
  claim: m.act_claimed,
  claimed: m.act_claimed,
  release: m.act_released,
  released: m.act_released,
  confirm: m.act_confirmed,
  confirmed: m.act_confirmed,
  dismiss: m.act_dismissed,
  dismissed: m.act_dismissed,
  undo: m.act_undone,
  undone: m.act_undone,
  instruct: m.act_instructed,
  instructed: m.act_instructed,
  issue: m.act_instructed,
  issued: m.act_instructed,
  acknowledge: m.act_acknowledged,
  acknowledged: m.act_acknowledged,
  outcome: m.act_outcome,
  close: m.act_closed,
  closed: m.act_closed,
  withdraw: m.act_withdrawn,
  withdrawn: m.act_withdrawn,
  cleared: m.act_cleared,
  overdue: m.act_overdue,
  escalated: m.act_overdue,
}

/** What was done, in a word; an unknown act shows its code. */
export function actName(code: string): string {
  return ACTS[code]?.() ?? code
}
