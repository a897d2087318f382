import { m } from '../paraglide/messages'

const ACTIONS: Record<string, () => string> = {
  read: m.do_read,
  list: m.do_list,
  search: m.do_search,
  import: m.do_import,
  create: m.do_create,
  revise: m.do_revise,
  claim: m.act_claimed,
  release: m.act_released,
  decide: m.do_decide,
  confirm: m.act_confirmed,
  dismiss: m.act_dismissed,
  undo: m.act_undone,
  acknowledge: m.act_acknowledged,
  outcome: m.act_outcome,
  send: m.act_instructed,
  erase: m.do_erase,
  oversee: m.do_oversee,
  verify: m.do_verify,
  'take-over': m.act_taken_over,
  'sign-in': m.do_sign_in,
  'sign-out': m.do_sign_out,
  'sign-in-refused': m.do_sign_in_refused,
  purpose: m.do_purpose,
  'purpose-set': m.do_purpose,
  'set-purpose': m.do_purpose,
  'password-changed': m.password_changed,
  screen: m.do_screen,
}
/** What an officer did, in a word of the log. */
export function doing(code: string): string {
  return ACTIONS[code]?.() ?? code
}
