/**
 * What the node and the workbench say to each other. Times are RFC 3339 in UTC unless a field is called *Local
 * (wall time of the place, no zone). Dates of birth and expiry are ISO 8601 / EDTF strings; unknown is absent.
 */

import type { Link } from './network'
import type { Look } from './record'
import type { Proof } from './signin'

export type * from './record'
export type * from './evidence'
export type * from './exports'
export type * from './machine'
export type * from './network'
export type * from './proposal'
export type * from './signin'

export interface Purpose {
  kind: 'duty' | 'case' | 'enquiry' | 'hit' | 'free'
  ref?: string
  text: string
  since?: string
  until?: string
}

export interface Me {
  user: { id: string; name: string; display: string; agency: string; place?: string; roles: string[]; lang: string }
  purpose?: Purpose
  csrf: string
  node: { name: string; country: string; role: string }
  version: string
  demo: boolean
  /** What the person may do: "action:topic". */
  may: string[]
  /** The password was given by somebody else; until it is changed the node answers nothing else. */
  mustChange?: boolean
  /** One-time codes are in use. */
  codes?: boolean
  /** The session stands on a shared computer, and behind a PIN once one is chosen. */
  shared?: boolean
  pin?: boolean
  /** Seconds until a shared screen locks by itself. */
  lockAfter?: number
  /** Key of what this browser keeps for the session. */
  draftKey?: string
}

/** What an authenticator app needs, shown once: the key in base32 and the same as an otpauth address. */
export interface Enrolment {
  secret: string
  url: string
}

export interface DemoUser {
  name: string
  password: string
  role: string
  display: string
}

export interface DemoPlace {
  node: string
  name: { en: string; ru: string }
  country: string
  role: 'node' | 'outpost' | 'hub'
  /** Absent: it is not up yet. */
  url?: string
  /** To the hub; absent: it is the hub, or not up yet. */
  line?: 'up' | 'down' | 'cut'
  users: DemoUser[]
}

export interface Term {
  code: string
  en: string
  ru: string
  note_en?: string
  note_ru?: string
  /** Choosing it asks for words of one's own. */
  text?: boolean
  planned?: boolean
}
export type Vocab = Record<string, Term[]>

export interface Airport {
  code: string
  name_en: string
  name_ru: string
  country: string
  lat: number
  lon: number
  tz: string
}

export interface Status {
  unscreened: number
  seq: number
  openHits: number
  overdueHits: number
  now: string
  lastImport?: string
  link: Link
}

export interface Change {
  seq: number
  topic: string
  kind: string
  id: string
  state?: string
}

export interface List<T> {
  items: T[]
  next?: string
  more?: boolean
  total?: number | null
  totalCapped?: boolean
}

export type Tone = 'plain' | 'accent' | 'warn' | 'bad'
export interface Card {
  code: string
  count: number
  href: string
  tone: Tone
}

export interface Today {
  role: string
  cards: Card[]
  flights: VoyageRow[]
  hits: HitRow[]
  instructions: InstructionRow[]
  quick?: Look[]
}

export type Agreement = 'same' | 'similar' | 'different' | 'unknown' | 'one-sided'
export type Severity = 'critical' | 'high' | 'medium' | 'low'
export type HitState = 'new' | 'claimed' | 'confirmed' | 'dismissed' | 'instructed' | 'acknowledged' | 'closed'
export type Leans = 'same' | 'different' | 'unclear'
export type Effect = 'binding' | 'national' | 'information'

export interface Reason {
  field: string
  agreement: Agreement
  query?: string
  listed?: string
  code: string
  text_en: string
  text_ru: string
  weight: number
}

export interface Token {
  query?: string
  listed?: string
  role: string
  how: string
  weight: number
  similarity: number
}

export interface PersonFacts {
  name: string
  native?: string
  born?: string
  sex?: string
  nationality?: string
  document?: string
  seat?: string
}

/** What changed since the decision: `traveller`, `entry-changed`, `entry-removed`; a newer node may know more. */
export type Doubt = string

export interface HitRow {
  id: string
  state: HitState
  severity: Severity
  score: number
  priority: number
  traveller: PersonFacts
  listed: PersonFacts & { list: string; listTitle: string; effect: Effect }
  verdict: { code: string; text_en: string; text_ru: string; leans: Leans }
  strongest: Reason[]
  voyage?: { id?: string; label: string; from: string; to: string; arrives?: string; arrivesLocal?: string }
  place: string
  claimedBy?: { id: string; display: string }
  claimedAt?: string
  overdue: boolean
  landed: boolean
  /** Found when the list changed, not when the message came. */
  retro?: boolean
  doubt?: Doubt
  created: string
  minutesToArrival?: number
}

export interface HitCounts {
  open: number
  mine: number
  overdue: number
  decided: number
}
export interface HitList extends List<HitRow> {
  counts?: HitCounts
}

export type FieldClass = 'plain' | 'identity' | 'home' | 'sensitive' | 'source' | 'text'
export interface Field {
  code: string
  value: string
  class: FieldClass
  source?: string
}

export interface CompareRow {
  field: string
  traveller: string[]
  listed: string[]
  agreement: Agreement
  weight: number
  note_en?: string
  note_ru?: string
}

export interface HistoryItem {
  at: string
  by: { id: string; display: string }
  act: string
  reason?: string
  note?: string
}

export interface Hit extends HitRow {
  subject: { record: string; fields: Field[] }
  entry: {
    record: string
    key?: string
    fields: Field[]
    reason?: string
    contact?: string
    instruction?: string
    validUntil?: string
    /** The owner keeps the entry closed: only the matched name and the contact are here. */
    restricted?: boolean
  }
  compare: CompareRow[]
  tokens: Token[]
  reasons: Reason[]
  raw: { segments: string[]; source: string }
  companions: { id: string; name: string; relation: string }[]
  history: HistoryItem[]
  decision?: {
    by: { id: string; display: string } | string
    at: string
    verdict: 'confirmed' | 'dismissed'
    reason: string
    note?: string
    seconds?: number
    cleared?: boolean
    undoUntil?: string
  }
  instruction?: Instruction
  revision: number
  /** A dismissal will clear the traveller: document and full birth date are known. */
  clearable?: boolean
  /** False: no booth of this country reads instructions for the place of arrival; confirm with a note instead. */
  booth?: boolean
}

export interface ConfirmHit {
  reason: string
  note: string
  /** Absent where no booth can be told. */
  instruction?: { action: string; text: string }
  /** The officer's signature; needed with an instruction. */
  proof?: Proof
}

export interface InstructionRow {
  id: string
  action: string
  text: string
  person: PersonFacts
  voyage?: { id?: string; label: string; from: string; to: string; arrives?: string; arrivesLocal?: string }
  place: string
  state: 'waiting' | 'open' | 'acknowledged' | 'closed' | 'withdrawn'
  severity: Severity
  issuedAt: string
  issuedBy: { display: string }
  acknowledgedAt?: string
  acknowledgedBy?: { display: string } | string
  outcome?: { code: string; note?: string; at: string; by: { display: string } | string }
  effectiveAt?: string
  minutesToArrival?: number
  doubt?: Doubt
}

export interface Instruction extends InstructionRow {
  why: Reason[]
  contact?: string
  hit?: string
  history: { at: string; by: { id?: string; display: string } | string; act: string; reason?: string; note?: string }[]
}

export interface Problem {
  /** Place of the segment in its message, UNH = 1; 0 stands for the interchange. */
  segment: number | string
  code: string
  text: string
}

export interface VoyageRow {
  id: string
  carrier: string
  number: string
  label: string
  from: string
  to: string
  departs?: string
  arrives?: string
  arrivesLocal?: string
  persons: number
  crew: number
  hits: number
  openHits: number
  problems: number
  unscreened: number
  state: string
  received: string
}

export interface Voyage extends Omit<VoyageRow, 'problems'> {
  problems: Problem[]
  raw: string[]
  sources: { key: string; file?: string; received?: string; at?: string }[]
  departsLocal?: string
  /** The zone of a place was not known; its wall time is taken as UTC. */
  zoneAssumed?: boolean
}

export interface JourneyRow {
  id: string
  surname: string
  given: string
  name: string
  native?: string
  sex?: string
  born?: string
  nationality?: string
  role: string
  documents: { type: string; number: string; issuer?: string; expires?: string }[]
  booking?: string
  seat?: string
  bags?: number
  from?: string
  to?: string
  hits: { id: string; state: HitState; score: number; leans?: Leans }[]
  problems: Problem[]
  screened: boolean
}

export interface ImportResult {
  file: string
  kind: string
  messages?: number
  voyages: string[]
  accepted: number
  new: number
  revised: number
  unchanged: number
  problems: Problem[]
  error?: string
}

/** What came in before: one row for each voyage of a file. */
export interface ImportRow {
  voyage: string
  label: string
  file: string
  at: string
  persons: number
  problems: number
}

export interface Delta {
  added: number
  changed: number
  removed: number
  unchanged?: number
  version?: string
  published?: string
  at?: string
  problems?: string[]
}

export interface ListRow {
  id: string
  title: string
  publisher?: string
  format?: string
  effect: Effect
  entries: number
  persons: number
  published?: string
  imported?: string
  importing?: boolean
  stale: boolean
  last?: Delta
}

export interface WatchList extends ListRow {
  history: Delta[]
}

/** What an import did to one list, or would do. */
export interface ListDelta {
  title: string
  list: string
  entries: number
  delta: Delta
}

export interface EntryRow {
  id: string
  key: string
  type: string
  name: string
  native?: string
  aliases: number
  born?: string
  nationality?: string
  severity: Severity
  state: string
  changed: string
}
