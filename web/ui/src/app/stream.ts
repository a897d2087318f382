import type { Change, Status } from '../api'

/** What a stream of events says to whoever listens. */
export type Heard =
  { kind: 'open' } | { kind: 'status'; status: Status } | { kind: 'change'; change: Change } | { kind: 'lost' }

/** Asked again after this when the node answered something else than a stream. */
const AGAIN = 3000

/** One event stream of the node, opened again when it breaks. */
export class Stream {
  #source: EventSource | undefined
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(private heard: (what: Heard) => void) {}

  open(): void {
    this.close()
    const source = new EventSource('/api/events')
    this.#source = source
    source.addEventListener('open', () => this.heard({ kind: 'open' }))
    source.addEventListener('status', (event) =>
      this.heard({ kind: 'status', status: JSON.parse((event as MessageEvent<string>).data) as Status }),
    )
    source.addEventListener('change', (event) =>
      this.heard({ kind: 'change', change: JSON.parse((event as MessageEvent<string>).data) as Change }),
    )
    source.addEventListener('error', () => {
      this.heard({ kind: 'lost' })
      if (source.readyState !== EventSource.CLOSED) return
      clearTimeout(this.#retry)
      this.#retry = setTimeout(() => this.#source === source && this.open(), AGAIN)
    })
  }
  close(): void {
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#source = undefined
  }
}

/** What a tab says to the worker. `session` tells one signed-in session from the next: a new one needs a new stream. */
export type Said = { kind: 'listen'; session: string } | { kind: 'leave' }
