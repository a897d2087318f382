import { TRAVELLERS } from './people.mjs'

const GIVEN = ['AIBEK', 'MADINA', 'SANZHAR', 'LOLA', 'FIRUZ', 'KAMILA', 'DAMIR', 'NIGORA', 'ERMEK', 'SHAHLO']
const SUR = [
  'TURSUNOV',
  'BAIZHANOV',
  'QODIROV',
  'OSMONOV',
  'SHARIPOV',
  'ANNAYEV',
  'ISKAKOV',
  'JURAYEV',
  'MAMATOV',
  'RASULOV',
]

/** Who is on board: the hits' travellers of the voyage and invented fellow travellers. */
export function manifest(w, v) {
  const hits = w.hits.filter((h) => h.voyage.id === v.id)
  const rows = hits.map((h, i) => ({
    id: 'j-' + h.id,
    surname: h.surname,
    given: h.given,
    name: h.traveller.name,
    sex: h.traveller.sex,
    born: h.traveller.born,
    nationality: h.traveller.nationality,
    role: 'passenger',
    documents: [{ type: 'P', number: h.traveller.document, issuer: h.traveller.nationality, expires: '2031-05-01' }],
    booking: 'Q7K2MD',
    seat: `${14 + i}C`,
    bags: 1,
    from: v.from,
    to: v.to,
    hits: [{ id: h.id, state: h.state, score: h.score }],
    problems: [],
    screened: true,
  }))
  for (let i = 0; i < v.persons; i++) {
    const t = TRAVELLERS[i % TRAVELLERS.length]
    const female = i % 2 === 1
    const surname = SUR[(i * 3) % SUR.length] + (female ? 'A' : '')
    const given = GIVEN[(i + (female ? 1 - (i % 2 === 1 ? 0 : 1) : 0)) % GIVEN.length]
    rows.push({
      id: `j-${v.id}-${i}`,
      surname,
      given,
      name: `${surname} ${given}`,
      sex: female ? 'F' : 'M',
      born: `${1955 + ((i * 7) % 50)}-${String(1 + (i % 12)).padStart(2, '0')}-${String(1 + (i % 28)).padStart(2, '0')}`,
      nationality: t[5],
      role: i < v.crew ? 'crew' : 'passenger',
      documents: [{ type: 'P', number: 'N' + (10200300 + i * 7), issuer: t[5], expires: '2030-01-01' }],
      booking: 'B' + ((i * 977) % 9973),
      seat: i < v.crew ? '' : `${1 + Math.floor(i / 6)}${'ABCDEF'[i % 6]}`,
      bags: i % 3,
      from: v.from,
      to: v.to,
      hits: [],
      problems:
        i % 41 === 7
          ? [{ segment: 'DTM+329', code: 'bad-date', text: 'Birth date not readable; kept as it came.' }]
          : [],
      screened: true,
    })
  }
  return rows
}

export function record(w, all, id, fail) {
  const row =
    all.find((r) => r.id === id) ?? (id.startsWith('j-') ? { ...all[0], id, title: 'BAIZHANOVA MADINA' } : undefined)
  if (!row) throw fail(404, 'not-found', 'No such record')
  const hit = w.hits.find((h) => id.endsWith('-' + h.id)) ?? w.hits[0]
  const person = row.kind === 'watchlist.entry' ? hit.listed : hit.traveller
  return {
    ...row,
    fields: [
      { code: 'names.0.full', value: person.name, class: 'identity', source: 'NAD+FL' },
      ...(person.native ? [{ code: 'native', value: person.native, class: 'identity' }] : []),
      { code: 'born', value: person.born, class: 'identity', source: 'DTM+329' },
      { code: 'sex', value: person.sex, class: 'identity', source: 'ATT+2' },
      { code: 'nationality', value: person.nationality, class: 'plain', source: 'NAT+2' },
      ...(row.kind === 'watchlist.entry'
        ? [
            { code: 'reason', value: 'Listed under the sanctions regime', class: 'text' },
            { code: 'contact', value: 'Duty officer, +7 700 000 00 00', class: 'source' },
          ]
        : [
            { code: 'seat', value: '14C', class: 'plain' },
            { code: 'documents.0.number', value: person.document ?? '', class: 'identity', source: 'DOC+P' },
          ]),
      { code: 'sources.0.key', value: '13dbd6efc70d5dc99911ee483e51afd6', class: 'source' },
      { code: 'sources.0.file', value: '20261123T1640Z_KC912_ALA_pax.edi', class: 'source' },
      { code: 'sources.0.contacts.0.kind', value: 'TE', class: 'source' },
      { code: 'sources.0.contacts.0.value', value: '999 00 000 0200', class: 'source' },
    ],
    raw:
      row.kind === 'watchlist.entry'
        ? '<INDIVIDUAL><DATAID>000000</DATAID>…</INDIVIDUAL>'
        : "NAD+FL+++SAMPLE:PERSON'\nATT+2++M'\nDTM+329:810314'",
    rawSize: 412,
    known: true,
    handling: { marking: row.marking, tlp: 'amber', topic: row.topic, releasable: [] },
    basis: { legal: 'Passenger data law', purpose: 'Screening of arrivals' },
    origin: {
      message: 'PAX001',
      file: 'paxlst-2026-11-22-40.edi',
      parents:
        row.kind === 'passenger.journey'
          ? [{ ...row, id: 'e-h1', kind: 'passenger.voyage', title: 'KC 912 IST–ALA' }]
          : [],
    },
    children: [],
    problems: [],
  }
}
