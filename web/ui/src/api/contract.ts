/**
 * Holds our reading of the API against what the node says of itself (schema.d.ts, made from web/api/openapi.json by
 * scripts/schema.sh). Where the node renames or drops a field that the workbench needs, this file stops compiling;
 * `npm run check` shows which. Ours stay narrower than the node's on purpose: states and leanings are unions here.
 */
import type { components } from './schema'
import type * as T from './types'

type Node = components['schemas']
/** Names that ours has and the node's has not. */
type Unknown<Ours, Theirs> = Exclude<keyof Ours, keyof Theirs>
type Known<Ours, Theirs, Allowed extends string = never> = [Exclude<Unknown<Ours, Theirs>, Allowed>] extends [never]
  ? true
  : { missing: Exclude<Unknown<Ours, Theirs>, Allowed> }

interface Checks {
  me: Known<T.Me, Node['Me'], 'mustChange'>
  // The node may add the last import one day; ours is ready.
  status: Known<T.Status, Node['Status'], 'lastImport'>
  today: Known<T.Today, Node['Today']>
  card: Known<T.Card, Node['Card']>
  hitRow: Known<T.HitRow, Node['HitRow']>
  hit: Known<T.Hit, Node['HitPage']>
  compare: Known<T.CompareRow, Node['CompareRow']>
  token: Known<T.Token, Node['Token']>
  reason: Known<T.Reason, Node['ReasonText']>
  instructionRow: Known<T.InstructionRow, Node['OrderRow']>
  instruction: Known<T.Instruction, Node['OrderPage']>
  voyageRow: Known<T.VoyageRow, Node['VoyageRow']>
  voyage: Known<T.Voyage, Node['VoyagePage']>
  journey: Known<T.JourneyRow, Node['JourneyRow'], 'native'>
  importResult: Known<T.ImportResult, Node['ImportResult']>
  importRow: Known<T.ImportRow, Node['ImportRow']>
  list: Known<T.ListRow, Node['ListRow']>
  listDelta: Known<T.ListDelta, Node['ListDelta']>
  entry: Known<T.EntryRow, Node['EntryRow']>
  recordRow: Known<T.RecordRow, Node['RecordRow'], 'role'>
  record: Known<T.RecordPage, Node['RecordPage'], 'role' | 'problems'>
  exportRow: Known<T.ExportRow, Node['ExportRow']>
  exportCopy: Known<T.ExportCopy, Node['ExportCopy']>
  exportPreview: Known<T.ExportPreview, Node['ExportPreview']>
  exportQuery: Known<T.ExportQuery, Node['ExportQuery']>
  revision: Known<T.Revision, Node['RecordRevision']>
  index: Known<T.RecordIndex, Node['RecordIndex']>
  proposals: Known<T.Proposals, Node['Proposals']>
  proposal: Known<T.Proposal, Node['ProposalRow']>
  change: Known<T.ProposedChange, Node['ProposedChange']>
  proposable: Known<T.Proposable, Node['ProposableField']>
  aside: Known<T.Aside, Node['AsideRow']>
  look: Known<T.Look, Node['Look']>
  purposeUse: Known<T.PurposeUse, Node['PurposeCount']>
  log: Known<T.LogState, Node['LogState']>
  verified: Known<T.LogCheck, Node['Verified']>
  user: Known<T.UserRow, Node['Account'], 'password'>
  matrix: Known<T.AccessMatrix, Node['Matrix']>
  backup: Known<T.Backup, Node['Backup']>
  examination: Known<T.Examination, Node['Examination']>
  finding: Known<T.Finding, Node['HealthFinding']>
  link: Known<T.Link, Node['Line']>
  network: Known<T.NetworkPage, Node['NetworkPage']>
  partner: Known<T.NetworkPartner, Node['NetworkPartner']>
  person: Known<T.NetworkPerson, Node['NetworkPerson']>
  message: Known<T.NetworkMessage, Node['NetworkMessage']>
  party: Known<T.NetworkParty, Node['NetworkParty']>
  hubNode: Known<T.NetworkNode, Node['NetworkNode']>
}
type Broken = { [K in keyof Checks as Checks[K] extends true ? never : K]: Checks[K] }
/** Compiles only while nothing is broken; the error names the type and the field. */
export const contract: Broken = {}
