import { match, readPlace, withQuery, type Match, type Place } from './router'

export const ROUTES = [
  ['/', 'today'],
  ['/hits', 'hits'],
  ['/hits/:id', 'hit'],
  ['/voyages', 'voyages'],
  ['/voyages/:id', 'voyage'],
  ['/imports', 'imports'],
  ['/instructions', 'instructions'],
  ['/instructions/:id', 'instruction'],
  ['/lists', 'lists'],
  ['/lists/:id', 'list'],
  ['/records', 'records'],
  ['/records/:id', 'record'],
  ['/proposals', 'proposals'],
  ['/mentions', 'mention'],
  ['/requests', 'requests'],
  ['/requests/:id', 'request'],
  ['/exports', 'exports'],
  ['/records/:id/share', 'share'],
  ['/received', 'received'],
  ['/sharing', 'sharing'],
  ['/sharing/agreements', 'agreements'],
  ['/sharing/agreements/new', 'newagreement'],
  ['/sharing/onward', 'onward'],
  ['/sharing/alarms', 'alarms'],
  ['/network', 'network'],
  ['/network/messages', 'messages'],
  ['/network/directory', 'directory'],
  ['/privacy', 'clocks'],
  ['/privacy/holds', 'holds'],
  ['/privacy/unmaskings', 'unmaskings'],
  ['/privacy/unmaskings/mine', 'ownunmaskings'],
  ['/privacy/unmaskings/:id', 'unmasked'],
  ['/oversight', 'looks'],
  ['/oversight/signs', 'signs'],
  ['/oversight/signs/:id', 'sign'],
  ['/oversight/planted', 'planted'],
  ['/oversight/units', 'units'],
  ['/oversight/purposes', 'purposes'],
  ['/oversight/quick', 'quick'],
  ['/oversight/log', 'log'],
  ['/admin/users', 'users'],
  ['/admin/access', 'access'],
  ['/admin/backup', 'backup'],
  ['/admin/health', 'health'],
  ['/me', 'me'],
] as const
export type PageName = (typeof ROUTES)[number][1]

class Route {
  place = $state.raw<Place>(readPlace(new URL(location.href)))
  match = $derived<Match<PageName> | null>(match(ROUTES, this.place.path))

  start(): () => void {
    const moved = () => (this.place = readPlace(new URL(location.href)))
    const clicked = (event: MouseEvent) => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return
      const link = (event.target as Element | null)?.closest('a')
      if (!link || link.target || link.origin !== location.origin || link.hasAttribute('download')) return
      if (link.pathname.startsWith('/api/') || link.pathname.startsWith('/print/') || link.pathname.endsWith('.txt'))
        return
      event.preventDefault()
      this.go(link.pathname + link.search)
    }
    addEventListener('popstate', moved)
    document.addEventListener('click', clicked)
    return () => {
      removeEventListener('popstate', moved)
      document.removeEventListener('click', clicked)
    }
  }

  /** Opens an address; the same address twice is one step back, not two. */
  go(to: string, replace = false): void {
    const same = to === location.pathname + location.search
    history[replace || same ? 'replaceState' : 'pushState'](null, '', to)
    this.place = readPlace(new URL(location.href))
  }

  /** Changes filters in the address without a new step back. */
  set(change: Record<string, string | undefined>): void {
    this.go(withQuery(this.place, change), true)
  }

  get(key: string): string {
    return this.place.query[key] ?? ''
  }
}

export const route = new Route()
