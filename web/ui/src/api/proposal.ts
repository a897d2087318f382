/** Corrections: what somebody wants changed in a record, and what its writer says. */
import type { RecordRow } from './record'
import type { FieldClass } from './types'

export type ProposalState = 'open' | 'waiting' | 'accepted' | 'refused' | 'withdrawn'

export interface ProposedChange {
  field: string
  class: FieldClass
  from: string
  to: string
  /** The field was changed since, to something else. */
  conflict: boolean
}
export interface Proposal {
  id: string
  target: RecordRow
  state: ProposalState
  revision: number
  changes: ProposedChange[]
  reason: string
  by: { id: string; display: string }
  node: string
  at: string
  decision?: {
    verdict: 'accepted' | 'refused' | 'withdrawn'
    reason?: string
    by: { id: string; display: string }
    at: string
  }
  mayDecide: boolean
  mayWithdraw: boolean
}
export interface Proposable {
  code: string
  value: string
  class: FieldClass
  /** In one more element at the end of a list. */
  new: boolean
}
/** A revision that came and does not follow what is stored. */
export interface Aside {
  id: string
  revision: number
  by: string
  why: 'fork' | 'gap' | 'writer'
  hash: string
  at: string
}
export interface Proposals {
  items: Proposal[]
  fields: Proposable[]
  hash: string
  writer: string
  /** This node is the writer. */
  here: boolean
  aside: Aside[]
}
export interface Propose {
  hash: string
  reason: string
  changes: { field: string; to: string }[]
}
