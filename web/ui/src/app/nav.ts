import { m } from '../paraglide/messages'
import type { PageName } from './route.svelte'

export interface NavItem {
  page: PageName
  href: string
  label: () => string
  /** Any of these rights opens it. */
  may: string[]
  /** Who has this right finds it in another group. */
  not?: string
  pages: PageName[]
  go?: string
}
export interface NavGroup {
  label?: () => string
  items: NavItem[]
}

/** The loop itself: collect, screen, analyse, give out; then what watches it. What does not exist yet is absent. */
export const NAV: NavGroup[] = [
  { items: [{ page: 'today', href: '/', label: m.nav_today, may: [], pages: ['today'], go: 't' }] },
  {
    label: m.nav_collect,
    items: [
      {
        page: 'voyages',
        href: '/voyages',
        label: m.nav_voyages,
        may: ['read:passenger'],
        pages: ['voyages', 'voyage'],
        go: 'v',
      },
      {
        page: 'imports',
        href: '/imports',
        label: m.nav_imports,
        may: ['import:passenger'],
        pages: ['imports'],
        go: 'm',
      },
    ],
  },
  {
    label: m.nav_screen,
    items: [
      { page: 'hits', href: '/hits', label: m.nav_hits, may: ['read:hit'], pages: ['hits', 'hit'], go: 'h' },
      {
        page: 'instructions',
        href: '/instructions',
        label: m.nav_instructions,
        may: ['read:instruction'],
        pages: ['instructions', 'instruction'],
        go: 'i',
      },
      {
        page: 'lists',
        href: '/lists',
        label: m.nav_lists,
        may: ['read:watchlist'],
        pages: ['lists', 'list'],
        go: 'l',
      },
    ],
  },
  {
    label: m.nav_analyse,
    items: [
      {
        page: 'records',
        href: '/records',
        label: m.nav_records,
        may: ['read:passenger', 'read:watchlist'],
        pages: ['records', 'record', 'mention'],
        go: 'r',
      },
      {
        page: 'proposals',
        href: '/proposals',
        label: m.nav_proposals,
        may: ['correct:passenger', 'correct:watchlist', 'correct:hit'],
        pages: ['proposals'],
        go: 'c',
      },
    ],
  },
  {
    label: m.nav_exchange,
    items: [
      {
        page: 'received',
        href: '/received',
        label: m.nav_received,
        may: ['read:passenger', 'read:watchlist'],
        pages: ['received'],
        go: 'd',
      },
      {
        page: 'sharing',
        href: '/sharing',
        label: m.nav_sharing,
        may: ['read:sharing'],
        pages: ['sharing', 'agreements', 'newagreement', 'onward', 'alarms', 'share'],
        go: 'x',
      },
      {
        page: 'network',
        href: '/network',
        label: m.nav_network,
        may: ['read:network'],
        pages: ['network', 'messages', 'directory'],
        go: 'n',
      },
      {
        page: 'exports',
        href: '/exports',
        label: m.nav_exports,
        may: ['read:export', 'export:passenger', 'export:watchlist', 'export:hit'],
        pages: ['exports'],
        go: 'e',
      },
      {
        page: 'requests',
        href: '/requests',
        label: m.nav_requests,
        may: ['read:request'],
        pages: ['requests', 'request'],
        go: 'q',
      },
    ],
  },
  {
    label: m.nav_privacy,
    items: [
      {
        page: 'unmaskings',
        href: '/privacy/unmaskings',
        label: m.nav_unmaskings,
        may: ['read:privacy', 'decide:privacy'],
        pages: ['unmaskings'],
      },
      {
        page: 'ownunmaskings',
        href: '/privacy/unmaskings/mine',
        label: m.nav_ownunmaskings,
        may: ['ask:privacy'],
        pages: ['ownunmaskings', 'unmasked'],
      },
      { page: 'clocks', href: '/privacy', label: m.nav_clocks, may: ['read:privacy'], pages: ['clocks'] },
      {
        page: 'holds',
        href: '/privacy/holds',
        label: m.nav_holds,
        may: ['read:privacy', 'change:privacy'],
        pages: ['holds'],
      },
    ],
  },
  {
    label: m.nav_oversight,
    items: [
      {
        page: 'signs',
        href: '/oversight/signs',
        label: m.nav_signs,
        may: ['read:oversight'],
        pages: ['signs', 'sign', 'planted', 'units'],
        go: 's',
      },
      { page: 'looks', href: '/oversight', label: m.nav_looks, may: ['read:audit'], pages: ['looks'], go: 'o' },
      {
        page: 'purposes',
        href: '/oversight/purposes',
        label: m.nav_purposes,
        may: ['read:audit'],
        pages: ['purposes'],
      },
      { page: 'quick', href: '/oversight/quick', label: m.nav_quick, may: ['read:audit'], pages: ['quick'] },
      { page: 'log', href: '/oversight/log', label: m.nav_log, may: ['read:audit'], pages: ['log'] },
      {
        page: 'access',
        href: '/admin/access',
        label: m.nav_access,
        may: ['read:audit'],
        not: 'read:users',
        pages: ['access'],
      },
    ],
  },
  {
    label: m.nav_admin,
    items: [
      { page: 'users', href: '/admin/users', label: m.nav_users, may: ['read:users'], pages: ['users'], go: 'u' },
      { page: 'access', href: '/admin/access', label: m.nav_access, may: ['read:users'], pages: ['access'] },
      { page: 'backup', href: '/admin/backup', label: m.nav_backup, may: ['change:users'], pages: ['backup'] },
      { page: 'health', href: '/admin/health', label: m.nav_health, may: ['change:users'], pages: ['health'] },
    ],
  },
]

export function navFor(may: (...wanted: string[]) => boolean): NavGroup[] {
  const shown = (i: NavItem) => (i.may.length === 0 || may(...i.may)) && !(i.not && may(i.not))
  return NAV.map((g) => ({ ...g, items: g.items.filter(shown) })).filter((g) => g.items.length > 0)
}
