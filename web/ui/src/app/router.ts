/** Addresses of the workbench, free of any framework: every state has one, Back always works. */

export interface Place {
  path: string
  query: Record<string, string>
}

export interface Match<N extends string> {
  name: N
  params: Record<string, string>
}

export function readPlace(url: URL): Place {
  const path = url.pathname.length > 1 ? url.pathname.replace(/\/+$/, '') : '/'
  return { path, query: Object.fromEntries(url.searchParams) }
}

/** First pattern that fits; `:name` takes one segment, decoded. */
export function match<N extends string>(patterns: readonly (readonly [string, N])[], path: string): Match<N> | null {
  const have = path.split('/').filter(Boolean)
  for (const [pattern, name] of patterns) {
    const want = pattern.split('/').filter(Boolean)
    if (want.length !== have.length) continue
    const params: Record<string, string> = {}
    const fits = want.every((part, i) => {
      const value = have[i] ?? ''
      if (!part.startsWith(':')) return part === value
      try {
        params[part.slice(1)] = decodeURIComponent(value)
      } catch {
        return false
      }
      return true
    })
    if (fits) return { name, params }
  }
  return null
}

/** The address with some parameters changed; empty values leave it. */
export function withQuery(place: Place, change: Record<string, string | undefined>): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries({ ...place.query, ...change })) if (value) search.set(key, value)
  const text = search.toString()
  return place.path + (text ? '?' + text : '')
}
