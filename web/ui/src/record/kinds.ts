import { m } from '../paraglide/messages'
import { vocab } from '../app/vocab.svelte'

const KINDS: Record<string, () => string> = {
  'passenger.voyage': m.kind_voyage,
  'passenger.journey': m.kind_journey,
  'passenger.receipt': m.kind_receipt,
  'watchlist.entry': m.kind_entry,
  'watchlist.list': m.kind_list,
  'screening.hit': m.kind_hit,
  'screening.instruction': m.kind_instruction,
  'screening.clearance': m.kind_clearance,
  'evidence.exhibit': m.kind_exhibit,
  'privacy.policy': m.kind_policy,
  'privacy.hold': m.kind_hold,
  'privacy.unmasking': m.kind_unmasking,
  'record.proposal': m.kind_proposal,
  'record.answer': m.kind_answer,
  'record.handover': m.kind_handover,
  'record.aside': m.kind_aside,
  'privacy.request': m.kind_request,
  'oversight.question': m.kind_question,
  'oversight.canary': m.kind_canary,
  'privacy.export': m.kind_export,
  'sharing.agreement': m.kind_sharing_agreement,
  'sharing.share': m.kind_sharing_share,
  'sharing.holding': m.kind_sharing_holding,
  'sharing.alarm': m.kind_sharing_alarm,
  'sharing.onward': m.kind_sharing_onward,
  voyage: m.kind_voyage,
  journey: m.kind_journey,
  entry: m.kind_entry,
  list: m.kind_list,
  hit: m.kind_hit,
  instruction: m.kind_instruction,
}
/** The kinds a filter offers; a record of any other kind is found all the same. */
export const FILTER_KINDS = [
  'passenger.journey',
  'passenger.voyage',
  'watchlist.entry',
  'watchlist.list',
  'screening.hit',
  'screening.instruction',
]

/** The name of a kind of record; one this build does not know keeps its code. */
export function kindName(kind: string): string {
  const code = kind.split('@')[0] ?? kind
  return KINDS[code]?.() ?? vocab.label('kind', code)
}

const THINGS: Record<string, () => string> = {
  person: m.thing_person,
  document: m.field_document,
  organisation: m.thing_organisation,
  vehicle: m.thing_vehicle,
  phone: m.thing_phone,
  address: m.field_address,
  voyage: m.field_voyage,
  booking: m.field_booking,
  place: m.thing_place,
  list: m.field_list,
}
export function thingName(type: string): string {
  return THINGS[type]?.() ?? vocab.label('thing', type)
}
const TOPICS: Record<string, () => string> = {
  passenger: m.topic_passenger,
  watchlist: m.topic_watchlist,
  hit: m.topic_hit,
  instruction: m.topic_instruction,
  clearance: m.topic_clearance,
  evidence: m.topic_evidence,
  audit: m.topic_audit,
  request: m.topic_request,
  oversight: m.topic_oversight,
  users: m.topic_users,
  privacy: m.topic_privacy,
  export: m.nav_exports,
  sharing: m.topic_sharing,
  network: m.topic_network,
}
export function topicName(code: string): string {
  return TOPICS[code]?.() ?? code
}
export const mentionHref = (type: string, key: string): string =>
  `/mentions?type=${encodeURIComponent(type)}&key=${encodeURIComponent(key)}`

/** What a record is called: nobody is named where the names are sealed, whatever the heading was made of. */
export const titleOf = (r: { title: string; kind: string; masked?: boolean }): string =>
  r.masked || !r.title ? kindName(r.kind) : r.title
