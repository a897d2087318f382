/** Records, the index, oversight and administration; the other half of the contract is in types.ts. */
import type { SignMethod } from './signin'
import type { Field, Problem, Purpose } from './types'

export interface RecordRow {
  id: string
  kind: string
  version: number | string
  title: string
  state?: string
  topic: string
  marking: string
  agency?: string
  occurred?: string
  changed: string
  revision: number
  /** Who it was is sealed, or gone for good. */
  masked?: boolean
  /** Only on mentions: in which role the thing appears. */
  role?: string
}

export interface RecordPage extends RecordRow {
  fields: Field[]
  raw: string
  rawSize: number
  known: boolean
  handling: {
    marking?: string
    tlp?: string
    topic?: string
    place?: string
    releasable?: string[]
    codes?: string[]
    case?: string
  }
  basis: { legal?: string; purpose?: string; case?: string }
  origin: { message?: string; file?: string; hash?: string; parents?: RecordRow[] }
  writer?: string
  officer?: string
  hash?: string
  former?: string
  created?: string
  received?: string
  expires?: string
  children: RecordRow[]
  problems?: Problem[]
}

export interface Revision {
  revision: number
  changed: string
  officer?: string
  hash: string
  state?: string
  /** Paths of the fields that differ from the revision before. */
  changes?: string[]
}

export interface Thing {
  type: string
  key: string
}
export interface RecordIndex {
  mentions: (Thing & { role: string; label: string })[]
  persons: {
    role: string
    names: { full: string; quality?: string }[]
    born?: string[]
    sex?: string
    nationalities?: string[]
    documents?: { type?: string; number: string; issuer?: string; expires?: string }[]
    listing?: { list: string; entry: string; active: boolean }
  }[]
  links: { from: Thing; to: Thing; rel: string; at?: string }[]
  events: { kind: string; at: string; place?: string }[]
  measures: { name: string; value: number; unit: string; at?: string; dims?: { name: string; value: string }[] }[]
  texts: string[]
}

export interface Suggest {
  records: RecordRow[]
  things?: { type: string; key: string; label: string; count: number }[]
  screens?: { code: string; href: string }[]
}

export interface Look {
  seq: number
  at: string
  user: { id: string; display: string }
  role?: string
  place?: string
  action: string
  topic?: string
  subject?: { id: string; title?: string; kind?: string }
  count: number
  purpose: Purpose
  verdict?: string
  reason?: string
  seconds?: number
  /** How the officer signed the act; missing when it is not signed. */
  signed?: SignMethod
}
export interface PurposeUse {
  kind: string
  ref?: string
  text: string
  count: number
  users: number
  last: string
}
export interface LogState {
  size: number
  rows?: number
  root: string
  incarnation: string
  checkpointAt?: string
  checkpoints?: number
  unsequenced: number
}
export interface LogCheck {
  ok: boolean
  rows: number
  size: number
  root: string
  waiting?: number
  checkpoints?: number
  findings: { number?: number; kind: string; text: string }[] | null
  truncated?: boolean
  seconds: number
  /** Of a log that was restored from a backup, oldest first. */
  lives?: { incarnation: string; text: string }[]
}

export interface UserRow {
  id: string
  name: string
  display: string
  agency: string
  place?: string
  roles: string[]
  lang?: string
  disabled: boolean
  mustChange?: boolean
  totp?: boolean
  createdAt?: string
  /** Only in the answer to a new user: the first password, shown once. */
  password?: string
}
export interface UserInput {
  name?: string
  display: string
  agency: string
  place?: string
  roles: string[]
  lang: string
  disabled?: boolean
}
export interface AccessMatrix {
  roles: string[]
  /** One cell for each role, in their order: "-", "place", "agency", "node". */
  rows: { topic: string; action: string; cells: string[] }[]
}
