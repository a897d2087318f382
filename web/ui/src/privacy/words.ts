import { ApiError } from '../api'
import type { ClockRule, PrivacyClocks, UnmaskRequest } from '../api/privacy'
import { m } from '../paraglide/messages'
import { kindName, topicName } from '../record/kinds'
import { readPeriod } from './period'

/** `P1Y6M` as "1 year 6 months"; what is no period keeps its code. */
export function periodName(text: string | undefined): string {
  const span = readPeriod(text)
  if (!span) return text ?? ''
  return [
    span.years && m.span_years({ n: span.years }),
    span.months && m.span_months({ n: span.months }),
    span.days && m.span_days({ n: span.days }),
    span.hours && m.span_hours({ n: span.hours }),
  ]
    .filter(Boolean)
    .join(' ')
}

const SUBJECTS: Record<string, () => string> = {
  'passenger.booking': m.subject_booking,
  'incident.report': m.subject_incident,
  audit: () => topicName('audit'),
}
/** The kind a policy is about; its own log is one of them. */
export const subjectName = (kind: string): string => SUBJECTS[kind]?.() ?? kindName(kind)

const ACTIONS: Record<string, () => string> = {
  erase: m.rule_erase,
  mask: m.rule_mask,
  nameless: m.rule_nameless,
  strip: m.rule_strip,
}
export const actionName = (code: string): string => ACTIONS[code]?.() ?? code

const CONDITIONS: Record<string, () => string> = {
  unmatched: m.rule_unmatched,
  empty: m.rule_empty,
  dismissed: m.rule_dismissed,
  closed: m.rule_closed,
  ended: m.rule_ended,
}
/** When a rule goes for less than all records of its kind: the case it is made for. */
export const conditionName = (rule: ClockRule): string => CONDITIONS[rule.name]?.() ?? ''

const STATES: Record<UnmaskRequest['state'], () => string> = {
  requested: m.unmask_requested,
  agreed: m.unmask_agreed,
  opened: m.unmask_opened,
  ended: m.unmask_ended,
  refused: m.unmask_refused,
  withdrawn: m.unmask_withdrawn,
}
export const unmaskState = (state: UnmaskRequest['state']): string => STATES[state]()

/** What a run did, in the figures that are not nought. */
export function runFigures(run: NonNullable<PrivacyClocks['last']>): string[] {
  const said: [number, (inputs: { n: number }) => string][] = [
    [run.erased, m.clocks_erased],
    [run.masked, m.clocks_masked],
    [run.nameless, m.clocks_nameless],
    [run.along, m.clocks_along],
    [run.stripped, m.clocks_stripped],
    [run.held, m.clocks_heldn],
  ]
  return said.filter(([n]) => n > 0).map(([n, text]) => text({ n }))
}

/** Why a door did not do what was asked. */
export const why = (error: unknown): string =>
  error instanceof ApiError ? error.detail || m.state_error_text() : m.state_error_text()
