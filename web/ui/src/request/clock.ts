import type { RequestRow } from '../api/request'

/** How urgent the clock of a request is, and which of its two clocks runs first. */
export interface Clock {
  tone: 'plain' | 'warn' | 'bad'
  /** `ack`: the person has not heard yet that the request came. */
  what: 'done' | 'ack' | 'reply'
  /** Whole days left, negative when late. */
  days: number
}

const DAY = 86_400_000
/** From here on the reply is close. */
const SOON = 7

export function clockOf(row: Pick<RequestRow, 'open' | 'due' | 'ackDue' | 'acknowledged'>, now: number): Clock {
  if (!row.open) return { tone: 'plain', what: 'done', days: 0 }
  const left = (at: string) => Math.floor((Date.parse(at) - now) / DAY)
  const reply = left(row.due)
  const ack = left(row.ackDue)
  if (!row.acknowledged && reply >= 0)
    return { tone: ack < 0 ? 'bad' : ack < 2 ? 'warn' : 'plain', what: 'ack', days: ack }
  return { tone: reply < 0 ? 'bad' : reply < SOON ? 'warn' : 'plain', what: 'reply', days: reply }
}
