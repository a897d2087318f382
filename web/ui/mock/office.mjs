import { json } from './api.mjs'
import { has, page, quick } from './pages.mjs'
import { record } from './records.mjs'
import { USERS } from './vocab.mjs'

/** Records, oversight and administration. */
export async function recordPages(ctx, req, is, query, me) {
  const { w } = ctx
  const all = () =>
    w.hits.flatMap((h) => [
      {
        id: 'j-' + h.id,
        kind: 'passenger.journey',
        version: 1,
        title: h.traveller.name,
        topic: 'passenger',
        marking: 'official',
        agency: 'PIU',
        occurred: h.voyage.arrives,
        changed: h.created,
        revision: 1,
      },
      {
        id: 'e-' + h.id,
        kind: 'watchlist.entry',
        version: 1,
        title: h.listed.name,
        state: 'active',
        topic: 'watchlist',
        marking: 'internal',
        agency: 'PIU',
        changed: w.iso(-3000),
        revision: 2,
      },
    ])
  let p
  if (is('GET', '/records'))
    return page(
      all().filter((r) => has(r.title, query.q) && (!query.kind || r.kind === query.kind)),
      query,
      30,
    )
  if ((p = is('GET', '/records/:id'))) return record(w, all(), p[0], ctx.fail)
  if (is('GET', '/records/:id/revisions'))
    return [
      {
        revision: 2,
        changed: w.iso(-30),
        officer: 'node',
        hash: '9c1f04ab77e2d0c4',
        state: 'active',
        changes: ['names.1.full', 'reason'],
      },
      { revision: 1, changed: w.iso(-3000), officer: 'Farida Usmanova', hash: '1b77a3c09ff2e61a', state: 'active' },
    ]
  if (is('GET', '/records/:id/index'))
    return {
      mentions: [
        { type: 'person', key: 'sample', role: 'traveller', label: 'ZHUMABAEV DAULET' },
        { type: 'document', key: 'KAZ:N08841236', role: 'travels-with', label: 'N08841236' },
        { type: 'voyage', key: 'KC912', role: 'on', label: 'KC 912' },
      ],
      persons: [
        {
          role: 'passenger',
          names: [{ full: 'ZHUMABAEV DAULET' }],
          born: ['1981-03-14'],
          sex: 'M',
          nationalities: ['KAZ'],
        },
      ],
      links: [
        { from: { type: 'person', key: 'sample' }, to: { type: 'document', key: 'KAZ:N08841236' }, rel: 'holds' },
      ],
      events: [{ kind: 'arrival', at: w.iso(40), place: 'ALA' }],
      measures: [{ name: 'bags', value: 1, unit: '1' }],
      texts: ['ZHUMABAEV DAULET'],
    }
  if (is('GET', '/mentions'))
    return page(
      all()
        .slice(0, 4)
        .map((r) => ({ ...r, role: 'travels-with' })),
      query,
    )
  if (is('GET', '/suggest'))
    return {
      records: all()
        .filter((r) => has(r.title, query.q))
        .slice(0, 6),
      things: [{ type: 'document', key: 'KAZ:N08841236', label: 'N08841236', count: 3 }],
      screens: [],
    }
  if (is('GET', '/oversight/looks'))
    return page(
      w.looks.filter(
        (l) =>
          (!query.user || l.user.id === query.user) &&
          (!query.subject || l.subject?.id === query.subject) &&
          (!query.action || l.action === query.action),
      ),
      query,
    )
  if (is('GET', '/oversight/purposes'))
    return [
      { text: 'Screening of tonight’s arrivals', kind: 'duty', count: 412, users: 3, last: w.iso(-1) },
      { text: 'Check of a tip on a courier', kind: 'free', count: 38, users: 1, last: w.iso(-300) },
    ]
  if (is('GET', '/oversight/quick')) return { items: quick(w) }
  if (is('GET', '/oversight/log'))
    return {
      size: 18422 + w.looks.length,
      root: 'h1:8cQm0Xv2dYh1c3nTq5o6Jr9pZkA7uLwE4sBfGiHjKlM=',
      incarnation: '01939c4e-7f6b-7d1e-8a55-3c1f0a9b22de',
      checkpointAt: w.iso(-2),
      unsequenced: 0,
    }
  if (is('POST', '/oversight/verify'))
    return {
      ok: false,
      rows: 18422,
      size: 18422,
      root: 'h1:8cQm0Xv2dYh1c3nTq5o6Jr9pZkA7uLwE4sBfGiHjKlM=',
      findings: [{ number: 1207, kind: 'changed', text: 'The row does not hash to its leaf.' }],
      seconds: 1.8,
    }
  if (is('GET', '/users'))
    return USERS.map((u) => ({
      id: u.id,
      name: u.name,
      display: u.display,
      agency: u.agency,
      place: u.place,
      roles: [u.role],
      lang: 'ru',
      disabled: false,
      mustChange: !!u.mustChange && !w.passwords.has(u.id),
      totp: w.codes.has(u.id),
      createdAt: w.iso(-90000),
    }))
  if (is('POST', '/users')) return { ...(await json(req)), id: 'u-new', disabled: false, password: 'kumis-tulpar-41' }
  if ((p = is('PUT', '/users/:id'))) return { ...(await json(req)), id: p[0] }
  if (is('GET', '/access/matrix')) {
    const roles = ['border', 'analyst', 'supervisor', 'oversight', 'admin']
    const reach = { p: 'place', a: 'agency', n: 'node', '-': '-' }
    const rows = [
      ['passenger', 'read', '-aa--'],
      ['passenger', 'import', '-aa--'],
      ['watchlist', 'read', '-aa--'],
      ['watchlist', 'change', '--a--'],
      ['hit', 'read', '-aa--'],
      ['hit', 'decide', '-aa--'],
      ['hit', 'oversee', '--a--'],
      ['instruction', 'read', 'paa--'],
      ['instruction', 'act', 'p----'],
      ['audit', 'read', '---n-'],
      ['users', 'change', '----n'],
    ]
    return { roles, rows: rows.map(([topic, action, s]) => ({ topic, action, cells: [...s].map((c) => reach[c]) })) }
  }
  void me
  throw ctx.fail(404, 'not-found', 'Nothing here')
}
