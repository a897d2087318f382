import { onDestroy, untrack } from 'svelte'
import { ApiError } from '../api'
import type { List } from '../api'
import { unattended } from '../api/client'
import { live } from './live.svelte'
import { session } from './session.svelte'

export type ViewState = 'loading' | 'ready' | 'denied' | 'purpose' | 'missing' | 'offline' | 'error'

const BY_KIND: Partial<Record<ApiError['kind'], ViewState>> = {
  forbidden: 'denied',
  purpose: 'purpose',
  'not-found': 'missing',
  offline: 'offline',
  unavailable: 'offline',
}

/** Something fetched that a page shows: what it holds, whether it is still coming, why it did not. */
export class Resource<T> {
  data = $state.raw<T | undefined>()
  error = $state.raw<ApiError | undefined>()
  busy = $state(false)
  state = $derived<ViewState>(
    this.error && (!this.data || BY_KIND[this.error.kind] !== 'offline')
      ? (BY_KIND[this.error.kind] ?? 'error')
      : this.data
        ? 'ready'
        : 'loading',
  )
  #flight: AbortController | undefined
  #fetch: (signal: AbortSignal) => Promise<T>

  constructor(fetch: (signal: AbortSignal) => Promise<T>) {
    this.#fetch = fetch
  }

  /** Fetches again; `alone` says that nobody asked for it. */
  async reload(fresh = false, alone = false): Promise<void> {
    this.#flight?.abort()
    const flight = new AbortController()
    if (alone) unattended(flight.signal)
    this.#flight = flight
    this.busy = true
    if (fresh) this.data = undefined
    try {
      const data = await this.#fetch(flight.signal)
      if (this.#flight !== flight) return
      this.data = data
      this.error = undefined
    } catch (error) {
      if (this.#flight !== flight || !(error instanceof ApiError)) return
      this.error = error
    } finally {
      if (this.#flight === flight) this.busy = false
    }
  }
  set(data: T): void {
    this.#flight?.abort()
    this.#flight = undefined
    this.busy = false
    this.data = data
    this.error = undefined
  }
  stop(): void {
    this.#flight?.abort()
    this.#flight = undefined
  }
}

/**
 * A resource of the component that calls: fetched now, again when `key` changes (then the old data leaves), when the
 * purpose changes, and when one of `topics` changed on the node (then it is replaced without a flicker).
 */
export function resource<T, K>(
  key: () => K,
  fetch: (key: K, signal: AbortSignal) => Promise<T>,
  topics: readonly string[] = [],
): Resource<T> {
  let current = key()
  const r = new Resource<T>((signal) => fetch(current, signal))
  let shown = ''
  $effect(() => {
    current = key()
    void session.epoch
    const text = JSON.stringify(current) ?? ''
    const fresh = text !== shown && shown !== ''
    shown = text
    untrack(() => void r.reload(fresh))
  })
  if (topics.length) $effect(() => live.on(topics, () => void r.reload(false, true)))
  onDestroy(() => r.stop())
  return r
}

/** A keyset list: the first page, and more on request. A reload keeps as many rows as were shown. */
export class Paged<T, L extends List<T> = List<T>> {
  #resource: Resource<L>
  #extra = $state.raw<T[]>([])
  #next = $state<string | undefined>()
  #page: (cursor: string | undefined, limit: number | undefined, signal?: AbortSignal) => Promise<L>
  growing = $state(false)

  constructor(
    resource: Resource<L>,
    page: (cursor: string | undefined, limit: number | undefined, signal?: AbortSignal) => Promise<L>,
  ) {
    this.#resource = resource
    this.#page = page
  }
  get resource(): Resource<L> {
    return this.#resource
  }
  get first(): L | undefined {
    return this.#resource.data
  }
  get items(): T[] {
    return [...(this.#resource.data?.items ?? []), ...this.#extra]
  }
  get state(): ViewState {
    return this.#resource.state
  }
  get next(): string | undefined {
    return this.#extra.length ? this.#next : this.#resource.data?.next
  }
  async more(): Promise<void> {
    const cursor = this.next
    if (!cursor || this.growing) return
    this.growing = true
    try {
      const page = await this.#page(cursor, undefined)
      this.#extra = [...this.#extra, ...page.items]
      this.#next = page.next
    } catch {
      // The listener has told the person; what is shown stays.
    } finally {
      this.growing = false
    }
  }
  /** The first page arrived anew: what was added beneath no longer joins it. */
  reset(): void {
    this.#extra = []
    this.#next = undefined
  }
}

export function paged<T, K, L extends List<T> = List<T>>(
  key: () => K,
  fetch: (key: K, cursor: string | undefined, signal?: AbortSignal) => Promise<L>,
  topics: readonly string[] = [],
): Paged<T, L> {
  const r = resource<L, K>(key, (k, signal) => fetch(k, undefined, signal), topics)
  const list = new Paged<T, L>(r, (cursor) => fetch(key(), cursor))
  $effect(() => {
    void r.data
    untrack(() => list.reset())
  })
  return list
}
