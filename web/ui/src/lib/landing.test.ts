import { describe, expect, it } from 'vitest'
import { landing, nextOpen } from './landing'

const now = Date.parse('2026-11-22T12:00:00Z')
const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString()

describe('the clock of a hit', () => {
  it.each([
    ['far away is calm', { arrives: at(200), state: 'new' }, 'calm'],
    ['near asks for attention', { arrives: at(89), state: 'new' }, 'soon'],
    ['45 minutes sharp is not late', { arrives: at(45), state: 'new' }, 'soon'],
    ['under 45 unclaimed is overdue', { arrives: at(44.9), state: 'new' }, 'overdue'],
    ['under 45 but claimed is not', { arrives: at(20), state: 'claimed' }, 'soon'],
    ['landed and unclaimed is overdue', { arrives: at(-1), state: 'new' }, 'overdue'],
    ['landed and decided is over', { arrives: at(-1), state: 'dismissed' }, 'landed'],
    ['the word of the node wins', { arrives: at(300), state: 'new', overdue: true }, 'overdue'],
    ['no time known', { state: 'new' }, 'unknown'],
    ['no time known, but the node says overdue', { state: 'new', overdue: true }, 'overdue'],
  ] as const)('%s', (_, input, tone) => expect(landing({ ...input, now }).tone).toBe(tone))
})

describe('the hit after a decision', () => {
  const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }]
  it('is the one beneath', () => expect(nextOpen(rows, 'a')?.id).toBe('b'))
  it('starts over after the last', () => expect(nextOpen(rows, 'c')?.id).toBe('a'))
  it('is the first when the decided one has left the queue', () => expect(nextOpen(rows, 'x')?.id).toBe('a'))
  it('is nothing when nothing is left', () => expect(nextOpen([{ id: 'a' }], 'a')).toBeUndefined())
})
