import { LISTED, LISTS, TRAVELLERS } from './people.mjs'
import { changes, machineActs } from './changes.mjs'

/** The mock's state: one evening, everything relative to the moment it was made. */
export function world(now = Date.now()) {
  const iso = (minutes) => new Date(now + minutes * 60_000).toISOString()
  const wall = (minutes) => new Date(now + (minutes + 300) * 60_000).toISOString().slice(0, 16)

  const FLIGHTS = [
    ['KC', '912', 'IST', 'ALA', 22],
    ['TK', '352', 'IST', 'ALA', 38],
    ['HY', '764', 'TAS', 'ALA', 64],
    ['FZ', '1723', 'DXB', 'ALA', 81],
    ['CZ', '6011', 'URC', 'ALA', 118],
    ['KC', '298', 'DYU', 'ALA', 146],
    ['SU', '1946', 'SVO', 'NQZ', 171],
    ['J2', '801', 'GYD', 'NQZ', 205],
    ['LH', '646', 'FRA', 'ALA', 248],
    ['KR', '972', 'FRU', 'NQZ', 262],
    ['T5', '741', 'ASB', 'ALA', 290],
    ['HY', '766', 'TAS', 'NQZ', 331],
    ['KC', '910', 'IST', 'NQZ', -14],
    ['FZ', '1721', 'DXB', 'NQZ', -52],
  ]
  const voyages = FLIGHTS.map(([carrier, number, from, to, min], i) => ({
    id: 'v' + (i + 1),
    carrier,
    number,
    label: `${carrier} ${number}`,
    from,
    to,
    departs: iso(min - 240),
    arrives: iso(min),
    arrivesLocal: wall(min),
    persons: 96 + ((i * 37) % 140),
    crew: 6 + (i % 4),
    hits: 0,
    openHits: 0,
    problems: i % 4 === 1 ? 2 : 0,
    unscreened: 0,
    state: min < 0 ? 'landed' : 'airborne',
    received: iso(min - 300),
  }))

  const SEVERITY = ['critical', 'medium', 'high', 'high', 'low', 'medium']
  const hits = TRAVELLERS.map((t, i) => hit(t, LISTED[i], i))
  function hit([surname, given, native, born, sex, nationality, document], l, i) {
    const [lname, lnative, lborn, lsex, lnat, list, leans, score] = l
    const voyage = voyages[(i * 5) % 12]
    const reasons = reasonsOf({ surname, given, born, sex, nationality }, { lname, lborn, lsex, lnat }, score)
    const differing = reasons.filter((r) => r.agreement === 'different')
    const because = (leans === 'different' ? differing : reasons.filter((r) => r.agreement !== 'different')).slice(0, 3)
    const held = i === 3
    return {
      id: 'h' + (i + 1),
      state: held ? 'claimed' : 'new',
      severity: leans === 'same' ? 'critical' : SEVERITY[i % SEVERITY.length],
      score,
      priority: 1000 - i,
      traveller: { name: `${surname} ${given}`, born, sex, nationality, document },
      listed: {
        name: lname,
        native: lnative,
        born: lborn,
        sex: lsex,
        nationality: lnat,
        list,
        listTitle: LISTS[list].title,
        effect: LISTS[list].effect,
      },
      verdict: {
        code: leans,
        leans,
        text_en: `${because[0].text_en}: ${{ same: 'likely the same person', different: 'likely another person', unclear: 'compare documents' }[leans]}`,
        text_ru: `${because[0].text_ru}: ${{ same: 'вероятно, то же лицо', different: 'вероятно, другое лицо', unclear: 'сравните документы' }[leans]}`,
      },
      strongest: reasons.slice(0, 3),
      reasons,
      voyage: {
        id: voyage.id,
        label: voyage.label,
        from: voyage.from,
        to: voyage.to,
        arrives: voyage.arrives,
        arrivesLocal: voyage.arrivesLocal,
      },
      place: voyage.to,
      ...(held ? { claimedBy: { id: 'u-super', display: 'Dina Akhmetova' }, claimedAt: iso(-6) } : {}),
      landed: false,
      created: iso(-30 + i),
      surname,
      given,
      native,
      revision: 1,
      history: [{ at: iso(-30 + i), by: { id: 'node', display: 'node' }, act: 'created' }],
    }
  }
  for (const h of hits) {
    const v = voyages.find((x) => x.id === h.voyage.id)
    v.hits++
    v.openHits++
  }
  const order = (h) =>
    (h.verdict.leans === 'same' ? 0 : h.verdict.leans === 'unclear' ? 60 : 120) +
    (Date.parse(h.voyage.arrives) - now) / 60_000
  hits.sort((x, y) => order(x) - order(y))
  const w = { now, iso, wall, voyages, hits, instructions: [], looks: [], sessions: new Map(), seq: 4182 }
  w.passwords = new Map()
  w.codes = new Set(['u-over'])
  changes(w)
  w.looks = machineActs(w)
  return w
}

const year = (text) => Number(/\d{4}/.exec(text)?.[0])
function reasonsOf(t, l, score) {
  const out = []
  const given = l.lname.split(' ')[1] ?? ''
  const alike = score > 0.8
  out.push({
    field: 'name',
    agreement: alike ? 'similar' : score > 0.65 ? 'similar' : 'different',
    query: `${t.surname} ${t.given}`,
    listed: l.lname,
    code: 'name',
    weight: alike ? 5.2 : score > 0.65 ? 2.1 : -1.4,
    text_en: alike
      ? 'Same name in another romanization'
      : score > 0.65
        ? 'Surname alike, given name alike'
        : `Given name differs (${given})`,
    text_ru: alike
      ? 'То же имя в другой транслитерации'
      : score > 0.65
        ? 'Фамилия и имя похожи'
        : `Имя другое (${given})`,
  })
  const gap = Math.abs(year(t.born) - year(l.lborn))
  const interval = l.lborn.includes('/')
  const same = t.born === l.lborn
  const near = !same && gap === 0 && l.lborn.length < 10
  out.push({
    field: 'born',
    agreement: same ? 'same' : near ? 'similar' : 'different',
    query: t.born,
    listed: l.lborn,
    code: 'born',
    weight: same ? 4.4 : near ? 1.8 : -4.8,
    text_en: same
      ? 'Same birth date'
      : near
        ? 'Birth year agrees'
        : interval
          ? 'Born outside 1958–1963'
          : gap === 0
            ? 'Birth day differs'
            : `Born ${gap} years apart`,
    text_ru: same
      ? 'Та же дата рождения'
      : near
        ? 'Год рождения совпадает'
        : interval
          ? 'Родился не в 1958–1963'
          : gap === 0
            ? 'День рождения другой'
            : `Разница в возрасте ${gap} ${[2, 3, 4].includes(gap % 10) && ![12, 13, 14].includes(gap) ? 'года' : gap % 10 === 1 && gap !== 11 ? 'год' : 'лет'}`,
  })
  out.push(
    t.sex === l.lsex
      ? {
          field: 'sex',
          agreement: 'same',
          query: t.sex,
          listed: l.lsex,
          code: 'sex',
          weight: 0.3,
          text_en: 'Same sex',
          text_ru: 'Пол совпадает',
        }
      : {
          field: 'sex',
          agreement: 'different',
          query: t.sex,
          listed: l.lsex,
          code: 'sex',
          weight: -5,
          text_en: 'Sex differs',
          text_ru: 'Пол другой',
        },
  )
  out.push(
    t.nationality === l.lnat
      ? {
          field: 'nationality',
          agreement: 'same',
          query: t.nationality,
          listed: l.lnat,
          code: 'nat',
          weight: 0.6,
          text_en: 'Same nationality',
          text_ru: 'Гражданство совпадает',
        }
      : {
          field: 'nationality',
          agreement: 'different',
          query: t.nationality,
          listed: l.lnat,
          code: 'nat',
          weight: -0.9,
          text_en: 'Nationality differs',
          text_ru: 'Гражданство другое',
        },
  )
  return out.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight))
}

export function tokensOf(h) {
  const [lsur, lgiv, ...rest] = h.listed.name.split(' ')
  const alike = (a, b) =>
    a.toLowerCase() === b.toLowerCase() ? 'same' : h.score > 0.8 ? 'romanization' : h.score > 0.62 ? 'spelling' : 'typo'
  const tokens = [
    {
      query: h.surname,
      listed: lsur,
      role: 'surname',
      how: alike(h.surname, lsur),
      weight: 0.55,
      similarity: Math.min(1, h.score + 0.03),
    },
    {
      query: h.given,
      listed: lgiv,
      role: 'given',
      how: alike(h.given, lgiv ?? ''),
      weight: 0.4,
      similarity: Math.max(0.3, h.score - 0.08),
    },
  ]
  for (const extra of rest)
    tokens.push({ listed: extra, role: 'patronymic', how: 'missing', weight: 0.12, similarity: 0 })
  return tokens
}
