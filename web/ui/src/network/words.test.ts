import { describe, expect, it } from 'vitest'
import type { NetworkMessage, NetworkPage, NetworkParty, NetworkPartner } from '../api'
import { overwriteGetLocale } from '../paraglide/runtime'
import { found } from './directory'
import { clockText, headline, linkWord, messageText, phoneText, tone, wrongText } from './words'

const locale = {
  lang: 'en' as 'en' | 'ru',
  set(lang: 'en' | 'ru') {
    this.lang = lang
  },
}
overwriteGetLocale(() => locale.lang)
const NOW = Date.parse('2026-11-24T13:30:00Z')
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString()
const page = (x: Partial<NetworkPage>): NetworkPage => ({
  at: ago(0),
  node: 'kz',
  joined: true,
  line: { state: 'online', waiting: 0, since: ago(30) },
  lanes: [],
  waiting: 0,
  unreadable: 0,
  stuck: [],
  files: [],
  directory: { state: 'fresh', statements: 1, root: '', countries: [], quorum: 1 },
  partners: [],
  hub: [],
  ...x,
})
const plain = (text: string) => text.replaceAll('\u00a0', ' ')
const say = (lang: 'en' | 'ru', p: NetworkPage) => {
  locale.set(lang)
  return plain(headline(p, NOW, lang))
}

describe('the headline', () => {
  it('says in one sentence what waits and how the link stands', () => {
    const down = page({ waiting: 23, oldest: ago(240), line: { state: 'offline', waiting: 23, since: ago(10) } })
    expect(say('en', down)).toMatch(/^23 messages are waiting, the oldest for 4 h 00\. Link down since \d\d:20$/)
    expect(say('ru', down)).toMatch(/^Ждут 23 сообщения, самое старое 4 ч 00\. Связи нет с \d\d:20$/)
    expect(say('en', page({}))).toMatch(/^Everything was delivered\. Link up since \d\d:00$/)
    expect(say('ru', page({}))).toMatch(/^Всё доставлено\. Связь есть с \d\d:00$/)
  })
  it('has the three Russian forms', () => {
    const n = (waiting: number) => say('ru', page({ waiting, oldest: ago(5) })).split(',')[0]
    expect([n(1), n(3), n(25)]).toEqual(['Ждёт 1 сообщение', 'Ждут 3 сообщения', 'Ждут 25 сообщений'])
  })
  it('is bad when nothing may be sent, whatever the line does', () => {
    expect(tone(page({}))).toBe('good')
    expect(tone(page({ line: { state: 'offline', waiting: 0 } }))).toBe('warn')
    expect(tone(page({ directory: { ...page({}).directory, state: 'forked' } }))).toBe('bad')
  })
})

describe('the link of the bar', () => {
  it('says when the hub was heard, and what waits without it', () => {
    locale.set('en')
    const word = (link: NetworkPage['line']) => plain(linkWord(link, NOW, 'en').word)
    expect(word({ state: 'online', waiting: 0, seen: new Date(NOW - 4000).toISOString() })).toBe('To hub 4 s ago')
    expect(word({ state: 'offline', waiting: 23 })).toBe('Offline, 23 waiting')
    expect(word({ state: 'hub', waiting: 2, nodes: 5 })).toBe('Hub, 5 nodes, 2 waiting')
    expect(linkWord({ state: 'offline', waiting: 0 }, NOW, 'en').tone).toBe('warn')
  })
})

describe('what is wrong', () => {
  const partner = { blocked: 'no key', state: 'current' } as NetworkPartner
  const text = (code: string, n?: number, at?: string) =>
    plain(wrongText({ code, weight: 'warn', n, at } as never, partner, NOW, locale.lang))
  it('is said in words', () => {
    locale.set('en')
    expect(text('blocked')).toBe('Nothing can be sent: no key')
    expect(text('silent', 0, ago(90))).toBe('Silent for 1 h 30')
    expect(text('clock', -180)).toBe('Its clock is 3 min behind ours')
    expect(text('gone', 1)).toContain('1 of its messages will never come')
    locale.set('ru')
    expect(text('waiting', 2, ago(60))).toBe('2 сообщения ждут, самое старое 1 ч 00')
    expect(text('unread', 5)).toMatch(/^Не читает 5 видов записей/)
  })
  it('calls a clock right that differs by the way alone', () => {
    locale.set('en')
    expect(clockText(1500, 'en')).toBe('agrees with ours')
  })
})

it('says of a message where it stands, and why', () => {
  locale.set('en')
  const of = (state: string, problem?: string) => messageText({ state, problem } as NetworkMessage)
  expect(of('accepted')).toBe('at the hub')
  expect(of('refused', 'unknown kind')).toBe('refused: unknown kind')
  expect(of('done', 'damaged | asked again')).toBe('closed after looking: damaged | asked again')
})

it('finds people by name and by any part of a number', () => {
  const all = [
    {
      id: 'uzb-centre',
      country: 'UZB',
      name: { en: 'Centre', ru: 'Центр' },
      topics: [],
      people: [{ name: { en: 'Duty', ru: 'Дежурная часть' }, phones: ['+99900000021'], languages: ['ru'] }],
    },
    { id: 'tjk-centre', country: 'TJK', name: { en: 'Centre', ru: 'Центр' }, topics: [], people: [] },
  ] as unknown as NetworkParty[]
  expect(found(all, '').length).toBe(2)
  expect(found(all, 'дежурная').map((p) => p.id)).toEqual(['uzb-centre'])
  expect(found(all, '+999 000 000 21').map((p) => p.id)).toEqual(['uzb-centre'])
  expect(found(all, 'tjk центр').map((p) => p.id)).toEqual(['tjk-centre'])
  expect(found(all, 'nobody')).toEqual([])
  expect(phoneText('+99900000021')).toContain('+999')
})
