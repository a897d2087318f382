import { instruct } from './pages.mjs'

const MACHINE = { id: 'machine:screening', display: 'screening' }
const ANALYST = { id: 'u-analyst', display: 'Aliya Seitova' }

/** What changes after a decision, what an owner keeps closed, and an arrival where no booth can be told. */
export function changes(w) {
  const find = (surname) => w.hits.find((h) => h.surname === surname)
  const decided = (h, { doubt, action, text, moved, state = 'instructed' }) => {
    const at = w.iso(-25)
    Object.assign(h, { state, doubt, claimedBy: ANALYST, claimedAt: w.iso(-31), revision: 4 })
    h.decision = { by: ANALYST, at, verdict: 'confirmed', reason: 'identity', seconds: 148 }
    h.history.push(
      { at: w.iso(-31), by: ANALYST, act: 'claim' },
      { at, by: ANALYST, act: 'confirm', reason: 'identity' },
      { at: w.iso(-9), by: MACHINE, act: 'evidence', ...(doubt ? { reason: doubt } : {}) },
    )
    const order = { ...instruct(w, h, { action, text }, ANALYST), issuedAt: at, doubt }
    order.history = [
      ...(moved ? [{ at: w.iso(-7), by: MACHINE, act: 'moved', reason: doubt }] : []),
      { at: w.iso(-24), by: { id: 'machine:screening', display: '' }, act: 'send' },
      { at, by: ANALYST, act: 'instruct' },
    ]
    w.instructions.push(order)
    return order
  }
  decided(find('SAIDOV'), {
    doubt: 'traveller',
    action: 'detain',
    text: 'Detain and call the duty officer of the owner at once.',
    moved: true,
  })
  decided(find('PETRENKO'), {
    doubt: 'entry-removed',
    action: 'second-line',
    text: 'Take aside politely and compare the face with the passport.',
  })
  decided(find('ALIMBEKOV'), { doubt: 'entry-changed', action: 'discreet-check', text: 'Let pass; note companions.' })
  find('MIRZOEV').doubt = 'entry-removed'
  find('KARIMOVA').history.push({ at: w.iso(-4), by: MACHINE, act: 'reopen' })

  const closed = find('HAYDARI')
  closed.restricted = true
  closed.listed = { ...closed.listed, native: undefined, born: undefined, sex: undefined, nationality: undefined }
  closed.reasons = closed.reasons.filter((r) => r.field === 'name')
  closed.strongest = closed.reasons

  const transit = find('SADYKOV')
  transit.booth = false
  transit.place = 'TAS'
  transit.voyage = { ...transit.voyage, from: 'ALA', to: 'TAS' }
  transit.state = 'new'
  delete transit.claimedBy
  delete transit.claimedAt
}

/** The log before anybody signed in: what the program did by itself, and the start of a shift. */
export function machineActs(w) {
  const machine = (part, action, topic, count, subject) => ({
    user: { id: 'machine:' + part, display: part },
    action,
    topic,
    count,
    ...(subject ? { subject } : {}),
    purpose: { kind: 'duty', text: part },
  })
  const duty = { kind: 'duty', text: 'Screening of arrivals, this shift' }
  const hit = w.hits[0]
  const subject = { id: hit.id, title: hit.traveller.name, kind: 'screening.hit' }
  return [
    {
      user: ANALYST,
      action: 'decide',
      topic: 'hit',
      count: 1,
      subject,
      purpose: { kind: 'hit', ref: 'ALM-2026-0412', text: 'Check of a tip on a courier' },
      verdict: 'confirmed',
      seconds: 148,
    },
    { user: ANALYST, action: 'mentions', topic: 'passenger', count: 4, purpose: duty },
    { user: ANALYST, action: 'revisions', topic: 'watchlist', count: 2, purpose: duty },
    machine('screening', 'send', 'instruction', 1),
    machine('screening', 'follow', 'hit', 1),
    machine('screening', 'not-screened', 'hit', 1),
    machine('screening', 'screen', 'hit', 12),
    machine('demo', 'import', 'passenger', 151),
    machine('sign-in', 'sign-in-refused', 'users', 0),
    {
      user: { id: 'u-over', display: 'Erlan Tulegenov' },
      action: 'verify',
      topic: 'audit',
      count: 0,
      purpose: { kind: 'duty', text: 'Oversight of access and decisions' },
    },
    { user: ANALYST, action: 'purpose-set', count: 0, purpose: duty },
    { user: ANALYST, action: 'sign-in', count: 0, purpose: { kind: '', text: '' } },
  ].map((l, i) => ({ seq: 880 - i, at: w.iso(-10 - i * 3), ...l }))
}
