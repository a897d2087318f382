import { vocab } from '../app/vocab.svelte'
import type { SharingReason } from '../api/sharing'
import { m } from '../paraglide/messages'
import { className } from './names'

/** The node's reasons in the reader's language; a Go test holds the messages to the node's list, a test here holds this to them. */
export const REASONS: Record<string, (ref: string) => string> = {
  'no-agreement': m.sharing_why_no_agreement,
  'agreement-over': m.sharing_why_agreement_over,
  'no-party': (ref) => m.sharing_why_no_party({ ref }),
  foreign: (ref) => m.sharing_why_foreign({ ref }),
  h2: (ref) => m.sharing_why_h2({ ref }),
  'tlp-red': m.sharing_why_tlp_red,
  'tlp-strict': m.sharing_why_tlp_strict,
  compartment: m.sharing_why_compartment,
  marking: (ref) => m.sharing_why_marking({ ref }),
  'not-released': (ref) => m.sharing_why_not_released({ ref }),
  house: m.sharing_why_house,
  masked: m.sharing_why_masked,
  'not-open': m.sharing_why_not_open,
  refuge: (ref) => m.sharing_why_refuge({ ref }),
  'unknown-kind': m.sharing_why_unknown_kind,
  nothing: m.sharing_why_nothing,
  'gone-there': m.sharing_why_gone_there,
  'too-large': (ref) => m.sharing_why_too_large({ ref }),
  'no-updates': m.sharing_why_no_updates,
  already: m.sharing_why_already,
  agreed: m.sharing_why_agreed,
  whole: m.sharing_why_whole,
  always: m.sharing_why_always,
  replaced: (ref) => m.sharing_why_replaced({ ref }),
  class: (ref) => m.sharing_why_class({ ref }),
  'not-listed': m.sharing_why_not_listed,
  excluded: m.sharing_why_excluded,
  home: m.sharing_why_home,
  source: m.sharing_why_source,
  minor: m.sharing_why_minor,
  unclassed: m.sharing_why_unclassed,
  staff: m.sharing_why_staff,
  'not-shared': m.sharing_why_not_shared,
  'no-way': m.sharing_why_no_way,
  hub: m.sharing_why_hub,
  'onward-not': m.sharing_why_onward_not,
  'court-not': m.sharing_why_court_not,
  further: m.sharing_why_further,
  'within-only': m.sharing_why_within_only,
}
/** What a reason speaks of, in words. */
const REFS: Record<string, (ref: string) => string> = {
  class: className,
  refuge: (ref) => vocab.label('country', ref),
  marking: (ref) => vocab.label('marking', ref),
}

/** Why something goes or stays; a code this build does not know speaks the node's English. */
export const reasonText = (r: SharingReason): string =>
  REASONS[r.code]?.(REFS[r.code]?.(r.ref ?? '') ?? r.ref ?? '') ?? r.text
