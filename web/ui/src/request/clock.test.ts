import { expect, it } from 'vitest'
import { clockOf } from './clock'

const now = Date.parse('2026-03-10T12:00:00Z')
const row = { open: true, due: '2026-04-01T09:00:00Z', ackDue: '2026-03-12T09:00:00Z', acknowledged: undefined }

it.each([
  ['nobody has acknowledged yet', row, { tone: 'warn', what: 'ack', days: 1 }],
  ['the acknowledgement is late', { ...row, ackDue: '2026-03-09T09:00:00Z' }, { tone: 'bad', what: 'ack', days: -2 }],
  ['acknowledged, time left', { ...row, acknowledged: 'x' }, { tone: 'plain', what: 'reply', days: 21 }],
  [
    'the reply is close',
    { ...row, acknowledged: 'x', due: '2026-03-15T12:00:00Z' },
    { tone: 'warn', what: 'reply', days: 5 },
  ],
  [
    'the reply is late, whatever else',
    { ...row, due: '2026-03-09T12:00:00Z' },
    { tone: 'bad', what: 'reply', days: -1 },
  ],
  ['answered', { ...row, open: false }, { tone: 'plain', what: 'done', days: 0 }],
] as const)('%s', (_, r, want) => expect(clockOf(r, now)).toEqual(want))
