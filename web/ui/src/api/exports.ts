/** What is taken out of the node: asked, agreed to, delivered, destroyed. */

/** Which rows go out: those of a list as it stands, or these records. */
export interface ExportQuery {
  view: string
  ids?: string[]
  kinds?: string[]
  states?: string[]
  topic?: string
  q?: string
  from?: string
  to?: string
  parent?: string
  type?: string
  key?: string
  hits?: HitFilter
}
/** The queue of hits by its own filters: the node finds all of them, also what the screen has not loaded. */
export interface HitFilter {
  state: string
  q: string
  place: string
  list: string
  leans: string
}
export type ExportForm = 'csv' | 'xlsx' | 'print'
export interface ExportColumn {
  code: string
  class: string
  strict: boolean
}
export interface ExportPreview {
  ids: string[]
  rows: number
  left: number
  columns: ExportColumn[]
  marking: string
  limit: number
  max: number
  officer: { id: string; display: string }
  agency: string
  purpose: { kind: string; ref?: string; text: string }
  hours: number
  days: number
}
export interface ExportStep {
  user: string
  display: string
  at: string
}
export interface ExportRow {
  id: string
  number: number
  state: 'requested' | 'agreed' | 'refused'
  form: ExportForm
  view: string
  query?: string
  columns: { code: string; class: string; title?: string }[]
  rows: number
  ids: string
  marking: string
  agency: string
  purpose: { kind: string; ref?: string; text: string }
  note?: string
  asked: ExportStep
  decided?: ExportStep
  second: boolean
  until: string
  destroy: string
  copies: { number: number; at: string; rows: number; hash: string; destroyed?: ExportStep }[]
  gone: { id: string; what: string; at: string }[]
  mustGo: boolean
  mine: boolean
  open: boolean
  decide: boolean
}
export interface ExportWish extends ExportQuery {
  form: ExportForm
  lang: string
  columns: { code: string; title?: string }[]
}
export interface ExportCopy {
  export: ExportRow
  number: number
  file?: string
  media?: string
  data?: string
  page?: string
}
