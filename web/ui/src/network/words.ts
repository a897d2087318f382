import type { Link, NetworkMessage, NetworkPage, NetworkPartner, NetworkPerson, NetworkWrong, PartyName } from '../api'
import { dateTime, localOf, span, wallDate, wallTime, type Lang } from '../lib/format'
import { m } from '../paraglide/messages'

/** What a duty officer reads about the network. No figure without its meaning. */

export const nameOf = (name: PartyName, lang: Lang): string => name[lang] || name.en

/** `4 s`, `38 min`, `4 h 12`: how long it is since a time. */
export function since(at: string | undefined, now: number, lang: Lang): string {
  const ms = now - Date.parse(at ?? '')
  if (!Number.isFinite(ms)) return ''
  return seconds(ms / 1000, lang)
}
function seconds(s: number, lang: Lang): string {
  const size = Math.max(0, Math.floor(s))
  return size < 60 ? `${size}\u00a0${lang === 'ru' ? 'с' : 's'}` : span(size / 60, lang)
}

/** `13:20` today, else with the date, in the browser's zone. */
export function moment(at: string | undefined, now: number, lang: Lang): string {
  const local = localOf(at)
  if (!local) return ''
  const today = localOf(new Date(now).toISOString()).slice(0, 10)
  return local.startsWith(today) ? wallTime(local) : dateTime(at, lang)
}

/** The link of the top bar: how it is, and what waits. */
export function linkWord(
  link: Link | undefined,
  now: number,
  lang: Lang,
): { word: string; tone: 'good' | 'warn' | 'bad' } {
  const waits = link?.waiting ? ', ' + m.link_waiting({ n: link.waiting }) : ''
  switch (link?.state) {
    case 'offline':
      return { word: m.link_offline({ n: link.waiting }), tone: 'warn' }
    case 'partly':
      return { word: m.link_partly({ n: link.waiting }), tone: 'warn' }
    case 'hub':
      return { word: m.link_hub({ n: link.nodes ?? 0 }) + waits, tone: 'good' }
    case 'online':
      return {
        word: (link.seen ? m.link_to_hub({ ago: since(link.seen, now, lang) }) : m.link_online()) + waits,
        tone: 'good',
      }
  }
  return { word: m.link_standalone(), tone: 'good' }
}

/** "Link down since 13:20": half of the headline. */
export function linkSentence(page: NetworkPage, now: number, lang: Lang): string {
  const at = moment(page.line.since, now, lang)
  switch (page.line.state) {
    case 'hub':
      return m.network_link_hub({ n: page.line.nodes ?? 0 })
    case 'online':
      return at ? m.network_link_up({ since: at }) : m.link_online()
    case 'partly':
      return m.network_link_partly({ since: at })
    case 'offline':
      return at ? m.network_link_down({ since: at }) : m.network_link_never()
  }
  return m.link_standalone()
}

/** One sentence for all of it. */
export function headline(page: NetworkPage, now: number, lang: Lang): string {
  const waits = page.waiting
    ? m.network_head_waiting({ n: page.waiting, span: since(page.oldest, now, lang) })
    : m.network_head_delivered()
  return `${waits}. ${linkSentence(page, now, lang)}`
}

export function tone(page: NetworkPage): 'good' | 'warn' | 'bad' {
  if (page.problem || page.directory.state === 'forked' || page.directory.state === 'stale') return 'bad'
  if (page.line.state === 'offline' || page.line.state === 'partly') return 'warn'
  return page.partners.some((p) => p.wrong.some((w) => w.code === 'waiting')) ? 'warn' : 'good'
}

type Said = (w: NetworkWrong, p: NetworkPartner, now: number, lang: Lang) => string
const WRONG: Record<NetworkWrong['code'], Said> = {
  blocked: (_, p) => m.network_wrong_blocked({ why: p.blocked ?? '' }),
  'keys-over': (_, p) =>
    p.state === 'unknown' ? m.network_wrong_keys_unknown() : m.network_wrong_keys_over({ why: stateName(p.state) }),
  'keys-ending': (w, _, __, lang) => m.network_wrong_keys_ending({ date: wallDate(localOf(w.at), lang) }),
  never: () => m.network_wrong_never(),
  silent: (w, _, now, lang) => m.network_wrong_silent({ span: since(w.at, now, lang) }),
  waiting: (w, _, now, lang) => m.network_wrong_waiting({ n: w.n ?? 0, span: since(w.at, now, lang) }),
  gaps: (w) => m.network_wrong_gaps({ n: w.n ?? 0 }),
  gone: (w) => m.network_wrong_gone({ n: w.n ?? 0 }),
  lacks: (w) => m.network_wrong_lacks({ n: w.n ?? 0 }),
  clock: (w, _, __, lang) => clockText((w.n ?? 0) * 1000, lang),
  unread: (w) => m.network_wrong_unread({ n: w.n ?? 0 }),
}
export const wrongText: Said = (w, p, now, lang) => WRONG[w.code]?.(w, p, now, lang) ?? w.code

export function clockText(ms: number, lang: Lang): string {
  const size = { span: seconds(Math.abs(ms) / 1000, lang) }
  if (Math.abs(ms) < 2000) return m.network_clock_right()
  return ms > 0 ? m.network_wrong_clock_ahead(size) : m.network_wrong_clock_behind(size)
}

const STATES: Record<string, () => string> = {
  early: m.network_st_early,
  expired: m.network_st_expired,
  revoked: m.network_st_revoked,
  left: m.network_st_left,
}
/** Why a statement of the directory does not count; nothing for one that does. */
export const stateName = (state: string): string => STATES[state]?.() ?? ''

const TYPES: Record<string, () => string> = {
  node: m.network_type_node,
  outpost: m.network_type_outpost,
  hub: m.network_type_hub,
  country: m.network_type_country,
  agency: m.network_type_agency,
  topic: m.network_type_topic,
}
export const typeName = (type: string): string => TYPES[type]?.() ?? m.network_type_unknown()

const LANES: Record<string, () => string> = {
  flash: m.network_lane_flash,
  routine: m.network_lane_routine,
  bulk: m.network_lane_bulk,
}
export const laneName = (lane: string): string => LANES[lane]?.() ?? lane

/** Where a message stands, in words. */
export function messageText(x: NetworkMessage): string {
  const why = x.problem ?? ''
  switch (x.state) {
    case 'queued':
      return m.network_m_queued()
    case 'sealed':
      return m.network_m_sealed()
    case 'accepted':
      return m.network_m_accepted()
    case 'delivered':
      return m.network_m_delivered()
    case 'opened':
      return m.network_m_opened()
    case 'refused':
      return why ? m.network_m_refused_why({ why }) : m.network_m_refused()
    case 'expired':
      return m.network_m_expired()
    case 'recalled':
      return m.network_m_recalled()
    case 'new':
      return m.network_m_new()
    case 'done':
      return why ? m.network_m_looked({ why }) : m.network_m_done()
    case 'unreadable':
      return m.network_m_unreadable({ why })
  }
}

const ROLES = { duty: m.network_role_duty, focal: m.network_role_focal, deputy: m.network_role_deputy }
export const roleName = (p: NetworkPerson): string => ROLES[p.role]?.() ?? p.role

/** `+99900000021` as it is read out: in groups of three. */
export const phoneText = (phone: string): string =>
  phone.replace(/^\+(\d+)$/, (_, d: string) => '+' + d.replace(/(\d{3})(?=\d)/g, '$1\u00a0'))
