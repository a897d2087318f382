import type { ShareAnswer, ShareRow } from '../api/sharing'

/** What became of a share in one code, for its word, its tone and the order of a list. */
export type ShareCode =
  | 'waits'
  | 'sent'
  | 'delivered'
  | 'opened'
  | 'sendrefused'
  | 'expired'
  | 'stopped'
  | 'active'
  | 'asked'
  | 'held'
  | 'waiting'
  | 'refused'
  | 'gone'
export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'accent'

const DELIVERY: Record<string, ShareCode> = {
  queued: 'waits',
  sealed: 'waits',
  accepted: 'sent',
  delivered: 'delivered',
  opened: 'opened',
  refused: 'sendrefused',
  expired: 'expired',
  recalled: 'stopped',
}
const TONES: Partial<Record<ShareCode, Tone>> = {
  opened: 'good',
  delivered: 'good',
  sendrefused: 'bad',
  expired: 'bad',
  asked: 'accent',
  held: 'warn',
  waiting: 'warn',
  refused: 'bad',
}

type State = Pick<ShareRow, 'state' | 'delivery'>
/** How far an edition came while nobody wants it back; then what the holder says. */
export function codeOf(row: State): ShareCode {
  if (row.state !== 'active') return row.state
  return DELIVERY[row.delivery?.state ?? ''] ?? 'active'
}
export const toneOf = (code: ShareCode): Tone => TONES[code] ?? 'plain'
export const lastAnswer = (row: Pick<ShareRow, 'answers'>): ShareAnswer | undefined => row.answers.at(-1)
/** Who can still be asked to erase. */
export const recallable = (row: Pick<ShareRow, 'state' | 'asked'>): boolean => row.state === 'active' && !row.asked
