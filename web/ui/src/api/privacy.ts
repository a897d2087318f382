import { call, list, query, type Options, type Params } from './client'
import type { components } from './schema'
import type { Proof } from './signin'
import type { Field, List } from './types'

/** Clocks of the law, holds, opening of sealed records and erasing, in the node's own shapes. */
type Node = components['schemas']
export type PrivacyClocks = Node['PrivacyClocks']
export type ClockRule = Node['ClockRule']
export type DueRecord = Node['DueRecord']
export type LegalHold = Node['LegalHold']
export type ErasedRecord = Node['ErasedRecord']
export type UnmaskRequest = Node['UnmaskRequest']
export type UnmaskStep = Node['UnmaskStep']
/** Its fields are those of any record: the node's document does not spell the classes out. */
export type UnmaskedRecord = Omit<Node['UnmaskedRecord'], 'fields'> & { fields: Field[] }

export interface NewHold {
  records: string[]
  basis: string
  /** RFC 3339. */
  until: string
  reason?: string
}

const id = encodeURIComponent
/** Their refusals are shown where they were caused. */
const QUIET: Options = { quiet: true }
const post = <R>(path: string, body: object = {}): Promise<R> => call<R>('POST', '/privacy' + path, body, QUIET)
const unmask = (key: string, what: string, body: object = {}) =>
  post<UnmaskRequest>(`/unmaskings/${id(key)}/${what}`, body)

export const privacy = {
  clocks: (o?: Options) => call<PrivacyClocks>('GET', '/privacy/clocks', undefined, o),
  confirmTime: (reason: string) => post<PrivacyClocks>('/clocks/time', { reason }),

  holds: (p: Params, o?: Options) => list<List<LegalHold>>('/privacy/holds' + query(p), o),
  hold: (h: NewHold) => post<LegalHold>('/holds', h),
  endHold: (key: string) => post<LegalHold>(`/holds/${id(key)}/end`),

  preview: (record: string, o?: Options) =>
    list<List<ErasedRecord>>(`/privacy/records/${id(record)}/erasure`, { ...QUIET, ...o }),
  erase: (record: string, reason: string, proof: Proof) =>
    post<List<ErasedRecord>>(`/records/${id(record)}/erasure`, { reason, proof }),

  unmaskings: (p: Params, o?: Options) => list<List<UnmaskRequest>>('/privacy/unmaskings' + query(p), o),
  ownUnmaskings: (p: Params, o?: Options) => list<List<UnmaskRequest>>('/privacy/unmaskings/mine' + query(p), o),
  ask: (body: { record: string; case: string; reason: string }) => post<UnmaskRequest>('/unmaskings', body),
  agree: (key: string, phrase: string, proof: Proof) => unmask(key, 'agree', { phrase, proof }),
  open: (key: string, phrase: string, proof: Proof) => unmask(key, 'open', { phrase, proof }),
  refuse: (key: string, reason: string) => unmask(key, 'refuse', { reason }),
  withdraw: (key: string) => unmask(key, 'withdraw'),
  opened: async (key: string, o?: Options): Promise<UnmaskedRecord> => {
    const at = `/privacy/unmaskings/${id(key)}/record`
    const r = await call<Omit<UnmaskedRecord, 'fields'> & { fields: Field[] | null }>('GET', at, undefined, o)
    return { ...r, fields: r.fields ?? [] }
  },
}
