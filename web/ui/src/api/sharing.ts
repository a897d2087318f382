import { call, list, query, type Options, type Params } from './client'
import type { components } from './schema'
import type { List, Proof } from './types'

/** Sharing with partners, in the node's own shapes. */
type Schemas = components['schemas']
/** The node answers with lists where its own description says that one may be missing. */
type Full<T> = T extends (infer U)[] ? Full<U>[] : T extends object ? { [K in keyof T]: Full<Exclude<T[K], null>> } : T
type Node = { [K in keyof Schemas]: Full<Schemas[K]> }
export type Party = Node['Party']
export type Shareable = Node['Shareable']
export type SharingReason = Node['SharingReason']
export type SharingPreview = Node['SharingPreview']
export type SharingTold = Node['SharingTold']
export type SharingField = Node['SharingField']
export type AgreementRow = Node['AgreementRow']
export type AgreementKind = Node['AgreementKind']
export type ShareRow = Node['ShareRow']
export type ShareAnswer = Node['ShareAnswer']
export type ReceivedRow = Node['ReceivedRow']
export type ReceivedPage = Node['ReceivedPage']
export type AlarmRow = Node['AlarmRow']
export type OnwardRow = Node['OnwardRow']
export interface AgreementWish {
  to: string
  node: string
  topic: string
  legal: { en: string; ru: string }
  marking?: string
  classes: AgreementRow['classes']
  kinds: AgreementKind[]
  updates: boolean
  until: string
}
export interface SendWish {
  to: { node: string; edition: string }[]
  purpose: string
  onward?: string
  proof: Proof
}

const id = encodeURIComponent
const rows = <R>(path: string, params?: Params, o?: Options): Promise<List<R>> => list<List<R>>(path + query(params), o)
const post = <R>(path: string, body: object = {}, o?: Options): Promise<R> => call<R>('POST', path, body, o)

export const sharing = {
  parties: (o?: Options) => rows<Party>('/sharing/parties', {}, o),
  kinds: (o?: Options) => call<Shareable>('GET', '/sharing/kinds', undefined, o),
  preview: (record: string, to: string[], o?: Options) =>
    post<SharingPreview>(`/records/${id(record)}/sharing/preview`, { to }, o),
  send: (record: string, body: SendWish) =>
    call<List<ShareRow>>('POST', `/records/${id(record)}/sharing`, body, { quiet: true }),
  of: (record: string, o?: Options) => rows<ShareRow>(`/records/${id(record)}/sharing`, {}, o),
  shares: (p: Params, o?: Options) => rows<ShareRow>('/sharing/shares', p, o),
  recall: (shares: string[], reason: string) =>
    call<List<ShareRow>>('POST', '/sharing/recall', { shares, reason }, { quiet: true }),
  agreements: (p: Params, o?: Options) => rows<AgreementRow>('/sharing/agreements', p, o),
  draft: (wish: AgreementWish) => call<AgreementRow>('POST', '/sharing/agreements', wish, { quiet: true }),
  agree: (key: string, proof: Proof) =>
    call<AgreementRow>('POST', `/sharing/agreements/${id(key)}/agree`, { proof }, { quiet: true }),
  end: (key: string, reason: string) =>
    call<AgreementRow>('POST', `/sharing/agreements/${id(key)}/end`, { reason }, { quiet: true }),
  received: (p: Params, o?: Options) => rows<ReceivedRow>('/received', p, o),
  receivedOf: (record: string, o?: Options) =>
    call<ReceivedPage>('GET', `/records/${id(record)}/received`, undefined, o),
  askOnward: (record: string, node: string, why: string) =>
    call<OnwardRow>('POST', `/records/${id(record)}/onward`, { for: node, why }, { quiet: true }),
  onward: (p: Params, o?: Options) => rows<OnwardRow>('/sharing/onward', p, o),
  decideOnward: (key: string, grant: boolean, reason = '') =>
    call<OnwardRow>('POST', `/sharing/onward/${id(key)}/decide`, { grant, reason }, { quiet: true }),
  alarms: (p: Params, o?: Options) => rows<AlarmRow>('/sharing/alarms', p, o),
  decideAlarm: (key: string, goOn: boolean, reason: string) =>
    call<AlarmRow>('POST', `/sharing/alarms/${id(key)}/decide`, { goOn, reason }, { quiet: true }),
}
