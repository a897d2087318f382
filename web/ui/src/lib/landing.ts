/** The clock that runs on a hit: minutes to landing and what they mean. */

/** An unclaimed hit this close to landing is overdue and reaches the supervisor (minutes). */
export const OVERDUE_MINUTES = 45
/** From here the clock asks for attention though nothing is late yet (minutes). */
export const SOON_MINUTES = 90

export interface LandingInput {
  arrives?: string
  state: string
  now: number
  /** What the node says; it wins when it says overdue. */
  overdue?: boolean
}
export interface Landing {
  /** Minutes to landing, negative after it; undefined when no time is known. */
  minutes: number | undefined
  tone: 'calm' | 'soon' | 'overdue' | 'landed' | 'unknown'
}

export function landing({ arrives, state, now, overdue }: LandingInput): Landing {
  const at = Date.parse(arrives ?? '')
  if (!Number.isFinite(at)) return { minutes: undefined, tone: overdue ? 'overdue' : 'unknown' }
  const minutes = (at - now) / 60_000
  const waiting = state === 'new'
  if (minutes <= 0) return { minutes, tone: waiting ? 'overdue' : 'landed' }
  if (waiting && (overdue || minutes < OVERDUE_MINUTES)) return { minutes, tone: 'overdue' }
  return { minutes, tone: minutes < SOON_MINUTES ? 'soon' : 'calm' }
}

/** The open hit to show after this one: the next beneath, else the first that is left. */
export function nextOpen<T extends { id: string }>(rows: readonly T[], id: string): T | undefined {
  const at = rows.findIndex((r) => r.id === id)
  return rows.slice(at + 1).find((r) => r.id !== id) ?? rows.find((r) => r.id !== id)
}
