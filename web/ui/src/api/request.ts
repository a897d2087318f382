import { call, list, query, type Options, type Params } from './client'
import type { components } from './schema'
import type { List } from './types'

/** Persons' requests and the questions of oversight, in the node's own shapes. */
type Node = components['schemas']
export type RequestRow = Node['RequestRow']
export type RequestPage = Node['RequestPage']
export type FoundRow = Node['FoundRow']
export type Reply = Node['ReplyPage']
export type Letter = Node['Letter']
export type Applicant = Node['Applicant']
export type QuestionRow = Node['QuestionRow']
export type QuestionPage = Node['QuestionPage']
export type UnitFigures = Node['UnitFigures']
export type CanaryRow = Node['CanaryRow']
export type OwnQuestion = Node['OwnQuestion']
export interface RequestList extends List<RequestRow> {
  counts?: Node['RequestCounts']
}
export interface QuestionList extends List<QuestionRow> {
  counts?: Node['QuestionCounts']
}
export interface FoundAnswer {
  what: string
  classes?: string[]
  ground?: string
  until?: string
  note?: string
}

const id = encodeURIComponent
const get = <R>(path: string, params?: Params, o?: Options): Promise<R> =>
  call<R>('GET', path + query(params), undefined, o)
const post = <R>(path: string, body: object = {}): Promise<R> => call<R>('POST', path, body)

export const requests = {
  list: (p: Params, o?: Options) => list<RequestList>('/requests' + query(p), o),
  create: (body: {
    asks: string
    channel: string
    lang: string
    words?: string
    received?: string
    person: Applicant
  }) => post<RequestPage>('/requests', body),
  get: (key: string, o?: Options) => get<RequestPage>(`/requests/${id(key)}`, {}, o),
  reply: (key: string, lang: string, o?: Options) => get<Reply>(`/requests/${id(key)}/reply`, { lang }, o),
  amend: (key: string, person: Applicant) => call<RequestPage>('PUT', `/requests/${id(key)}/person`, person),
  prove: (key: string, how: string, note: string) => post<RequestPage>(`/requests/${id(key)}/prove`, { how, note }),
  /** acknowledge, take, extend, search, send-back, answer, close: what needs a note at most. */
  act: (key: string, what: string, note = '') => post<RequestPage>(`/requests/${id(key)}/${what}`, { note }),
  opine: (key: string, record: string, same: boolean, reason: string) =>
    post<RequestPage>(`/requests/${id(key)}/found/${id(record)}/opinion`, { same, reason }),
  decide: (key: string, record: string, answer: FoundAnswer) =>
    post<RequestPage>(`/requests/${id(key)}/found/${id(record)}/answer`, answer),
  draft: (key: string, body: { refuse?: boolean; ground?: string; words?: string; waiting?: string }) =>
    post<RequestPage>(`/requests/${id(key)}/draft`, body),
  approve: (key: string, hash: string) => post<RequestPage>(`/requests/${id(key)}/approve`, { hash }),
  print: (key: string, lang: string) => `/api/requests/${id(key)}/print?lang=${lang}`,
}

export const questions = {
  list: (p: Params, o?: Options) => list<QuestionList>('/oversight/questions' + query(p), o),
  get: (key: string, o?: Options) => get<QuestionPage>(`/oversight/questions/${id(key)}`, {}, o),
  judge: (key: string, verdict: string, reason: string) =>
    post<QuestionPage>(`/oversight/questions/${id(key)}/judge`, { verdict, reason }),
  figures: (o?: Options) => get<UnitFigures[]>('/oversight/figures', {}, o),
  canaries: (o?: Options) => get<CanaryRow[]>('/oversight/canaries', {}, o),
  plant: (body: Record<string, string>) => post<CanaryRow[]>('/oversight/canaries', body),
  retire: (key: string) => post<CanaryRow[]>(`/oversight/canaries/${id(key)}/retire`),
  mine: (all: boolean, o?: Options) => get<OwnQuestion[]>('/me/questions', { all }, o),
  answer: (key: string, text: string) => post<OwnQuestion[]>(`/me/questions/${id(key)}/answer`, { text }),
}
