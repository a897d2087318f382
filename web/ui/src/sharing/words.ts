import { ApiError } from '../api'
import type { AgreementKind, AgreementRow, AlarmRow, OnwardRow, ShareAnswer, ShareRow } from '../api/sharing'
import { locale } from '../app/locale.svelte'
import { fieldName } from '../lib/fields'
import { dateTime } from '../lib/format'
import { m } from '../paraglide/messages'
import { kindName } from '../record/kinds'
import { codeOf, lastAnswer, type ShareCode } from './state'

const STATES: Record<ShareCode, () => string> = {
  waits: m.sharing_st_waits,
  sent: m.sharing_st_sent,
  delivered: m.sharing_st_delivered,
  opened: m.sharing_st_opened,
  sendrefused: m.sharing_st_sendrefused,
  expired: m.sharing_st_expired,
  stopped: m.sharing_st_stopped,
  active: m.sharing_st_active,
  asked: m.sharing_st_asked,
  held: m.sharing_st_held,
  waiting: m.sharing_st_waiting,
  refused: m.sharing_st_refused,
  gone: m.sharing_st_gone,
}
export function shareState(row: ShareRow): string {
  const code = codeOf(row)
  const until = code === 'held' ? lastAnswer(row)?.until : undefined
  return until ? m.sharing_st_held_until({ date: dateTime(until, locale.lang).split(' ')[0] ?? '' }) : STATES[code]()
}

/** Copies that no erasing reaches, in words; empty when there are none. */
export const copiesText = (a: ShareAnswer): string =>
  [a.prints ? m.sharing_printed({ n: a.prints }) : '', a.files ? m.sharing_files({ n: a.files }) : '']
    .filter(Boolean)
    .join(', ')

export function answerText(a: ShareAnswer): string {
  const said = {
    erased: m.sharing_answer_erased(),
    held: m.sharing_answer_held({ basis: a.basis ?? '' }),
    waiting: m.sharing_answer_waiting(),
    refused: m.sharing_answer_refused({ reason: a.reason ?? '' }),
  }[a.what]
  return a.own ? `${said}, ${m.sharing_answer_own()}` : said
}

const ASKED: Record<string, () => string> = {
  erase: m.sharing_asked_erase,
  nameless: m.sharing_asked_mask,
  mask: m.sharing_asked_mask,
}
export const askedText = (a: NonNullable<ShareRow['asked']>): string =>
  a.by ? m.sharing_asked_by({ name: a.by.display }) : (ASKED[a.what]?.() ?? m.sharing_st_asked())

/** In force, draft, ended, or over: agreed and past its day. */
export function agreementState(row: AgreementRow, now: number): 'draft' | 'agreed' | 'over' | 'ended' {
  return row.state === 'agreed' && Date.parse(row.until) <= now ? 'over' : row.state
}
const AGREEMENTS = {
  draft: m.sharing_state_draft,
  agreed: m.sharing_state_agreed,
  over: m.sharing_state_over,
  ended: m.sharing_state_ended,
}
export const agreementWord = (row: AgreementRow, now: number): string => AGREEMENTS[agreementState(row, now)]()

const paths = (all: string[]): string => all.map(fieldName).join(', ')
export function ruleText(k: AgreementKind): string[] {
  const kind = kindName(k.kind)
  return [
    ...(k.only?.length ? [m.sharing_rule_only({ kind, fields: paths(k.only) })] : []),
    ...(k.except?.length ? [m.sharing_rule_except({ kind, fields: paths(k.except) })] : []),
  ]
}

const ONWARD: Record<OnwardRow['state'], () => string> = {
  open: m.sharing_onward_open,
  granted: m.sharing_onward_granted,
  refused: m.sharing_onward_refused,
  sent: m.sharing_onward_sent,
}
export const onwardWord = (row: OnwardRow): string => ONWARD[row.state]()
const ALARMS: Record<AlarmRow['state'], () => string> = {
  open: m.sharing_alarm_open,
  allowed: m.sharing_alarm_allowed,
  refused: m.sharing_alarm_refused,
}
export const alarmWord = (row: AlarmRow): string => ALARMS[row.state]()

/** Why a door did not do what was asked. */
export const why = (error: unknown): string =>
  error instanceof ApiError ? error.detail || m.state_error_text() : m.state_error_text()
