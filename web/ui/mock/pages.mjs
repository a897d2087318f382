import { json } from './api.mjs'
import { manifest } from './records.mjs'
import { LISTS } from './people.mjs'
import { tokensOf } from './world.mjs'

export const page = (items, query, size = 50) => {
  const limit = Number(query.limit ?? size)
  const from = Number(query.cursor ?? 0)
  const slice = items.slice(from, from + limit)
  return { items: slice, ...(from + limit < items.length ? { next: String(from + limit), more: true } : {}) }
}
export const has = (text, q) => !q || text.toLocaleLowerCase().includes(q.toLocaleLowerCase())

/** Today, hits and the booth. */
export async function details(ctx, req, is, query, me) {
  const { w, emit, open, late, fail, look } = ctx
  const find = (id) => {
    const hit = w.hits.find((h) => h.id === id)
    if (!hit) throw fail(404, 'not-found', 'No such hit')
    return hit
  }
  const row = (h) => {
    const { surname, given, native, history, reasons, decision, revision, restricted, booth, ...rest } = h
    void [surname, given, native, history, reasons, decision, revision, restricted, booth]
    return {
      ...rest,
      overdue: late(h),
      landed: Date.parse(h.voyage.arrives) < Date.now(),
      minutesToArrival: Math.round((Date.parse(h.voyage.arrives) - Date.now()) / 60000),
    }
  }
  const by = { id: me.id, display: me.display }
  const act = (h, what, extra = {}) => {
    h.revision++
    h.history.push({ at: new Date().toISOString(), by, act: what, ...extra })
    emit({ topic: 'hit', kind: 'hit', id: h.id, state: h.state })
    return full(h)
  }
  const full = (h) => {
    const doc = h.traveller.document
    return {
      ...row(h),
      subject: {
        record: 'j-' + h.id,
        fields: [
          { code: 'names.0.full', value: h.traveller.name, class: 'identity' },
          { code: 'documents.0.number', value: doc, class: 'identity' },
          { code: 'documents.0.issuer', value: h.traveller.nationality, class: 'identity' },
          { code: 'booking', value: 'Q7K2MD', class: 'plain', source: 'RFF+AVF' },
          { code: 'seat', value: '14C', class: 'plain', source: 'RFF+SEA' },
          { code: 'bags', value: '1', class: 'plain', source: 'FTX+BAG' },
        ],
      },
      entry: {
        record: 'e-' + h.id,
        fields: [],
        ...(h.restricted
          ? { restricted: true, contact: 'Central bureau, desk 7, +7 700 000 00 07' }
          : {
              reason:
                h.listed.list === 'national' ? 'Wanted for smuggling, art. 286' : 'Listed under the sanctions regime',
              contact: 'Duty officer, +7 700 000 00 00',
              instruction: 'second-line',
              validUntil: '2027-12-31',
            }),
      },
      booth: h.booth ?? true,
      compare: h.reasons
        .map((r) => ({
          field: r.field,
          traveller: [r.field === 'name' ? h.traveller.name : h.traveller[r.field]],
          listed:
            r.field === 'name'
              ? [h.listed.name, h.listed.native, h.listed.name.split(' ').reverse().join(' ')]
              : [h.listed[r.field]],
          agreement: r.agreement,
          weight: r.weight,
          note_en: r.text_en,
          note_ru: r.text_ru,
        }))
        .concat([{ field: 'document', traveller: ['P ' + doc], listed: [], agreement: 'one-sided', weight: 0 }]),
      tokens: tokensOf(h),
      reasons: h.reasons,
      raw: {
        segments: [
          `NAD+FL+++${h.surname}:${h.given}'`,
          `ATT+2++${h.traveller.sex}'`,
          `DTM+329:${h.traveller.born.replaceAll('-', '').slice(2)}'`,
          `LOC+178+${h.voyage.from}'`,
          `LOC+179+${h.voyage.to}'`,
          `NAT+2+${h.traveller.nationality}'`,
          "RFF+AVF:Q7K2MD'",
          `DOC+P:110:111+${doc}'`,
        ],
        source: `PAXLST ${h.voyage.label}, line 214`,
      },
      companions:
        w.hits.indexOf(h) % 3 === 0 ? [{ id: 'j-c1', name: h.surname + ' AISHA', relation: 'same booking' }] : [],
      history: h.history.toReversed(),
      decision: h.decision,
      instruction: w.instructions.find((i) => i.hit === h.id),
      revision: h.revision,
    }
  }
  let p
  if (is('GET', '/today')) {
    look(me, 'list', 'hit', undefined, open().length)
    const card = (code, count, href, tone = 'plain') => ({ code, count, href, tone })
    const analyst = [
      card('hits-open', open().length, '/hits', 'accent'),
      card('hits-overdue', open().filter(late).length, '/hits?state=overdue', open().some(late) ? 'bad' : 'plain'),
      card('hits-mine', open().filter((h) => h.claimedBy?.id === me.id).length, '/hits?state=mine'),
      card('voyages-tonight', 12, '/voyages'),
      card('travellers-tonight', 1842, '/voyages'),
      card('unscreened', 0, '/voyages'),
    ]
    const cards = {
      analyst,
      supervisor: [
        ...analyst,
        card('decisions-quick', 3, '/oversight/quick', 'warn'),
        card('instructions-open', w.instructions.filter((i) => i.state === 'open').length, '/instructions'),
      ],
      border: [
        card('instructions-open', w.instructions.filter((i) => i.state === 'open').length, '/instructions', 'accent'),
        card('voyages-tonight', 12, '/voyages'),
      ],
      oversight: [card('decisions-quick', 3, '/oversight/quick', 'warn')],
      admin: [
        card('users', 5, '/admin/users'),
        card('lists-stale', 1, '/lists', 'warn'),
        card('imports-with-problems', 2, '/imports'),
      ],
    }[me.role]
    return {
      role: me.role,
      cards,
      flights: ['oversight', 'admin', 'border'].includes(me.role) ? [] : w.voyages.slice(0, 12),
      hits: ['analyst', 'supervisor'].includes(me.role) ? open().slice(0, 8).map(row) : [],
      instructions: ['border', 'supervisor'].includes(me.role)
        ? w.instructions.filter((i) => i.state !== 'closed')
        : [],
      quick: ['oversight', 'supervisor'].includes(me.role) ? quick(w) : [],
    }
  }
  if (is('GET', '/hits')) {
    const states = {
      open: (h) => ['new', 'claimed'].includes(h.state),
      mine: (h) => h.state === 'claimed' && h.claimedBy?.id === me.id,
      overdue: late,
      decided: (h) => !['new', 'claimed'].includes(h.state),
      all: () => true,
    }
    const items = w.hits
      .filter(states[query.state ?? 'open'] ?? states.open)
      .filter(
        (h) =>
          has(h.traveller.name + h.listed.name, query.q) &&
          (!query.place || h.place === query.place) &&
          (!query.list || h.listed.list === query.list),
      )
    const count = (s) => w.hits.filter(states[s]).length
    look(me, 'list', 'hit', undefined, items.length)
    return {
      ...page(items.map(row), query),
      counts: { open: count('open'), mine: count('mine'), overdue: count('overdue'), decided: count('decided') },
    }
  }
  if ((p = is('GET', '/hits/:id'))) {
    const h = find(p[0])
    look(me, 'read', 'hit', { id: h.id, title: h.traveller.name })
    return full(h)
  }
  if ((p = is('POST', '/hits/:id/(claim|release|confirm|dismiss|undo)'))) {
    const h = find(p[0])
    const body = await json(req)
    if (h.claimedBy && h.claimedBy.id !== me.id && me.role !== 'supervisor')
      throw fail(409, 'conflict', 'Held', `${h.claimedBy.display} holds this hit since ${h.claimedAt}`)
    const verdict = { confirm: 'confirmed', dismiss: 'dismissed' }[p[1]]
    look(
      me,
      verdict ? 'decide' : p[1],
      'hit',
      { id: h.id, title: h.traveller.name },
      1,
      verdict ? { verdict, reason: body.reason } : {},
    )
    if (p[1] === 'claim')
      return (
        Object.assign(h, { state: 'claimed', claimedBy: by, claimedAt: new Date().toISOString() }),
        act(h, 'claimed')
      )
    if (p[1] === 'release') {
      h.state = 'new'
      delete h.claimedBy
      return act(h, 'released')
    }
    if (p[1] === 'undo') {
      h.state = 'claimed'
      delete h.decision
      w.instructions = w.instructions.filter((i) => i.hit !== h.id)
      return act(h, 'undone')
    }
    const confirmed = p[1] === 'confirm'
    if (confirmed && h.booth === false && (body.instruction || !body.note))
      throw fail(422, 'invalid', 'Not valid', 'no booth of this country can be told; note whom you told instead')
    h.decision = {
      by,
      at: new Date().toISOString(),
      verdict: confirmed ? 'confirmed' : 'dismissed',
      reason: body.reason,
      note: body.note,
      undoUntil: new Date(Date.now() + 10_000).toISOString(),
    }
    h.state = confirmed ? (body.instruction ? 'instructed' : 'confirmed') : 'dismissed'
    if (confirmed && body.instruction) w.instructions.unshift(instruct(w, h, body.instruction, me))
    emit({ topic: 'instruction', kind: 'instruction', id: 'i', state: 'open' })
    return act(h, p[1] + 'ed', { reason: body.reason, note: body.note })
  }
  if (is('GET', '/instructions')) {
    const items = w.instructions.filter((i) => (query.state === 'all' ? true : i.state !== 'closed'))
    return page(items, query)
  }
  if ((p = is('GET', '/instructions/:id'))) {
    const i = w.instructions.find((x) => x.id === p[0])
    if (!i) throw fail(404, 'not-found', 'No such instruction')
    look(me, 'read', 'instruction', { id: i.id, title: i.person.name })
    return i
  }
  if ((p = is('POST', '/instructions/:id/(acknowledge|outcome)'))) {
    const i = w.instructions.find((x) => x.id === p[0])
    const body = await json(req)
    look(me, p[1], 'instruction', { id: i.id, title: i.person.name })
    const h = w.hits.find((x) => x.id === i.hit)
    if (p[1] === 'acknowledge')
      Object.assign(i, { state: 'acknowledged', acknowledgedAt: new Date().toISOString(), acknowledgedBy: by })
    else Object.assign(i, { state: 'closed', outcome: { ...body, at: new Date().toISOString(), by } })
    i.history.push({
      at: new Date().toISOString(),
      by,
      act: p[1] === 'outcome' ? 'outcome' : 'acknowledged',
      note: body.note,
    })
    if (h) h.state = p[1] === 'outcome' ? 'closed' : 'acknowledged'
    emit({ topic: 'instruction', kind: 'instruction', id: i.id, state: i.state })
    return i
  }
  return undefined
}

export function instruct(w, h, { action, text }, me) {
  return {
    id: 'i-' + h.id,
    hit: h.id,
    action,
    text,
    person: { ...h.traveller, seat: '14C' },
    voyage: { ...h.voyage },
    place: h.place,
    state: 'open',
    severity: h.severity,
    issuedAt: new Date().toISOString(),
    issuedBy: { display: me.display },
    effectiveAt: new Date(Date.now() + 10_000).toISOString(),
    why: h.reasons,
    contact: 'Duty officer, +7 700 000 00 00',
    history: [{ at: new Date().toISOString(), by: { display: me.display }, act: 'issued' }],
  }
}
export const quick = (w) =>
  w.hits.slice(10, 13).map((h, i) => ({
    seq: 300 + i,
    subject: { id: h.id, title: h.traveller.name, kind: 'screening.hit' },
    user: { id: 'u-analyst', display: 'Aliya Seitova' },
    action: 'decide',
    topic: 'hit',
    count: 1,
    purpose: { kind: 'duty', text: 'Screening of arrivals' },
    at: w.iso(-40 - i * 13),
    seconds: 4.2 + i * 2,
    verdict: 'dismissed',
    reason: 'born-differs',
  }))

/** Voyages, imports and lists. */
export async function listPages(ctx, req, is, query, me) {
  const { w, emit } = ctx
  let p
  if (is('GET', '/voyages')) {
    const now = Date.now()
    const items = w.voyages
      .filter((v) =>
        query.when === 'past'
          ? Date.parse(v.arrives) < now
          : query.when === 'all'
            ? true
            : Date.parse(v.arrives) > now - 3600_000,
      )
      .filter(
        (v) =>
          has(v.label + v.from + v.to, query.q) &&
          (!query.to || v.to === query.to) &&
          (!query.from || v.from === query.from),
      )
    return page(items, query)
  }
  if ((p = is('GET', '/voyages/:id'))) {
    const v = w.voyages.find((x) => x.id === p[0])
    if (!v) throw ctx.fail(404, 'not-found', 'No such voyage')
    return {
      ...v,
      problems: v.problems
        ? [
            {
              segment: 'CNT',
              code: 'missing-cnt',
              text: 'The message ends without CNT; persons were counted from the groups.',
            },
            { segment: 'DTM+329:XX0230', code: 'bad-date', text: 'Birth date not readable; kept as it came.' },
          ]
        : [],
      raw: [
        "UNH+PAX001+PAXLST:D:05B:UN:IATA'",
        "BGM+745'",
        `TDT+20+${v.carrier}${v.number}'`,
        `LOC+125+${v.from}'`,
        `LOC+87+${v.to}'`,
      ],
      sources: [{ key: 'PAX001', file: 'paxlst-40.edi', received: v.received }],
    }
  }
  if ((p = is('GET', '/voyages/:id/journeys'))) {
    const v = w.voyages.find((x) => x.id === p[0])
    return page(
      manifest(w, v).filter((j) => has(j.name, query.q)),
      query,
      100,
    )
  }
  if (is('GET', '/imports'))
    return page(
      [0, 1, 2, 3].map((i) => ({
        voyage: 'v' + (i + 1),
        label: w.voyages[i].label,
        file: `paxlst-2026-11-22-${40 - i}.edi`,
        at: w.iso(-4 - i * 21),
        persons: 120 + i * 41,
        problems: i % 2 ? 3 : 0,
      })),
      query,
    )
  if (is('POST', '/imports')) {
    for await (const chunk of req) void chunk
    emit({ topic: 'passenger', kind: 'passenger.voyage', id: 'v1' })
    return {
      items: [
        {
          file: 'paxlst.edi',
          kind: 'passenger',
          messages: 1,
          voyages: ['v1'],
          accepted: 142,
          new: 140,
          revised: 2,
          unchanged: 0,
          problems: [
            {
              segment: 'CNT',
              code: 'missing-cnt',
              text: 'The message ends without CNT; 142 persons were counted from the groups.',
            },
          ],
        },
        {
          file: 'notes.docx',
          kind: 'unknown',
          voyages: [],
          accepted: 0,
          new: 0,
          revised: 0,
          unchanged: 0,
          problems: [],
          error: 'This is not a passenger message: byte 1 is 0x50. Send the PAXLST text itself.',
        },
      ],
    }
  }
  const lists = Object.entries(LISTS).map(([slug, l], i) => ({
    id: slug,
    slug,
    ...l,
    entries: [12, 1450, 88][i] ?? 0,
    persons: [10, 820, 88][i] ?? 0,
    published: ['2025-08-16', '2025-09-01', '2026-11-20'][i],
    imported: w.iso(-3000 * (i + 1)),
    stale: slug === 'ofac',
    last: { added: 9, changed: 4, removed: 2 },
  }))
  if (is('GET', '/lists')) return { items: lists }
  if (is('POST', '/lists/(preview|import)')) {
    for await (const chunk of req) void chunk
    return [
      { list: 'un', title: LISTS.un.title, entries: 719, delta: { added: 12, changed: 5, removed: 3, unchanged: 702 } },
    ]
  }
  if ((p = is('GET', '/lists/:id'))) {
    const l = lists.find((x) => x.id === p[0])
    return {
      ...l,
      history: [
        { at: w.iso(-3000), published: '2025-08-16', added: 9, changed: 4, removed: 2 },
        { at: w.iso(-90000), published: '2025-04-19', added: 702, changed: 0, removed: 0 },
      ],
    }
  }
  if ((p = is('PUT', '/lists/:id'))) {
    const { effect } = await json(req)
    LISTS[p[0]].effect = effect
    return { ...lists.find((x) => x.id === p[0]), effect, history: [] }
  }
  if ((p = is('GET', '/lists/:id/entries'))) {
    const items = w.hits
      .filter((h) => h.listed.list === p[0])
      .map((h) => ({
        id: 'e-' + h.id,
        key: `${p[0].toUpperCase()}-${h.id}`,
        type: 'person',
        name: h.listed.name,
        native: h.listed.native,
        aliases: 2,
        born: h.listed.born,
        nationality: h.listed.nationality,
        severity: h.severity,
        state: 'active',
        changed: w.iso(-3000),
      }))
    return page(
      items.filter((e) => has(e.name + e.native, query.q)),
      query,
    )
  }
  void me
  return undefined
}
