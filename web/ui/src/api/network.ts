/** The network: how the line, the directory and every partner stand, what waits, whom to call. No contents. */

export interface PartyName {
  en: string
  ru: string
}
export type LaneName = 'flash' | 'routine' | 'bulk'
export interface Link {
  state: 'standalone' | 'online' | 'partly' | 'offline' | 'hub'
  waiting: number
  oldest?: string
  since?: string
  seen?: string
  nodes?: number
}
export interface NetworkLane {
  lane: LaneName
  up: boolean
  since?: string
  way?: string
  problem?: string
}
export type WrongCode =
  | 'blocked'
  | 'keys-over'
  | 'keys-ending'
  | 'never'
  | 'silent'
  | 'waiting'
  | 'gaps'
  | 'gone'
  | 'lacks'
  | 'clock'
  | 'unread'
export interface NetworkWrong {
  code: WrongCode
  weight: 'warn' | 'bad'
  n?: number
  at?: string
}
export interface NetworkPerson {
  role: 'focal' | 'duty' | 'deputy'
  name: PartyName
  phones: string[]
  hours?: string
  zone?: string
  local?: string
  duty: 'on' | 'off' | 'unknown'
  languages: string[]
  deputy?: PartyName
  of: string
}
export interface NetworkKey {
  use: string
  id: string
}
export interface NetworkPartner {
  node: string
  name: PartyName
  country?: string
  type: string
  parent?: string
  worst: 'ok' | 'warn' | 'bad'
  wrong: NetworkWrong[]
  lanes: { lane: LaneName; waiting: number; away: number }[]
  waiting: number
  away: number
  oldest?: string
  blocked?: string
  blockedSince?: string
  lastSeen?: string
  delayMs: number
  gaps: { lane: LaneName; first: number; last: number }[]
  missing: number
  lacks: number
  gone: number
  skewMs: number
  version?: string
  unread: string[]
  state: string
  why?: string
  until?: string
  keys: NetworkKey[]
  call: NetworkPerson[]
}
export interface NetworkNode {
  node: string
  name: PartyName
  lines: number
  waiting: number
  bytes: number
  unrouted: number
  sent: number
  refused: number
  denied: number
  missing: boolean
}
export interface NetworkPage {
  at: string
  node: string
  joined: boolean
  network?: string
  problem?: string
  line: Link
  lanes: NetworkLane[]
  waiting: number
  oldest?: string
  unreadable: number
  stuck: { id: string; from: string; kind: string; why: string; since: string; next: string; tries: number }[]
  files: {
    id: string
    partner: string
    out: boolean
    kind: string
    size: number
    moved: number
    since: string
    state: string
  }[]
  directory: {
    state: 'none' | 'fresh' | 'old' | 'stale' | 'forked'
    cosigned?: string
    why?: string
    statements: number
    root: string
    countries: string[]
    quorum: number
    fork?: { found: string; ours: string; theirs: string }
  }
  partners: NetworkPartner[]
  hub: NetworkNode[]
}
export type MessageState =
  | 'queued'
  | 'sealed'
  | 'accepted'
  | 'delivered'
  | 'opened'
  | 'refused'
  | 'expired'
  | 'recalled'
  | 'new'
  | 'done'
  | 'unreadable'
export interface NetworkMessage {
  number: number
  id: string
  box: 'out' | 'in'
  partner?: string
  lane: LaneName
  kind?: string
  state: MessageState
  problem?: string
  about?: string
  seq?: number
  at: string
  tries?: number
  tried?: string
  accepted?: string
  delivered?: string
  closed?: string
  expires?: string
  sent?: string
  opened?: string
}
export interface NetworkParty {
  id: string
  type: string
  country: string
  parent?: string
  name: PartyName
  own?: string
  state: string
  why?: string
  until: string
  topics: string[]
  addresses: string[]
  keys: NetworkKey[]
  people: NetworkPerson[]
}
