import { api } from '../api'
import type { Change, Status } from '../api'
import { clock } from './clock.svelte'

type Heard = (change: Change) => void

/**
 * One event stream per browser. A change says only what changed; whoever shows it fetches again, with the rights of
 * the reader, so the stream itself carries no named data.
 */
class Live {
  status = $state.raw<Status | undefined>()
  /** When the node was last heard, by this browser's clock. */
  heard = $state(0)
  lost = $state(false)
  #source: EventSource | undefined
  #watch = new Set<{ topics: readonly string[]; heard: Heard; timer?: ReturnType<typeof setTimeout> }>()
  #retry: ReturnType<typeof setTimeout> | undefined

  start(): void {
    this.stop()
    this.#open()
  }
  stop(): void {
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#source = undefined
    this.lost = false
  }

  /** Calls back, at most every 250 ms, when something of these topics or kinds changed or the link came back. */
  on(topics: readonly string[], heard: Heard): () => void {
    const entry = { topics, heard }
    this.#watch.add(entry)
    return () => this.#watch.delete(entry)
  }

  #open(): void {
    const source = new EventSource('/api/events')
    this.#source = source
    source.addEventListener('open', () => {
      const back = this.lost
      this.#alive()
      if (back) this.#tell({ seq: 0, topic: '*', kind: '*', id: '' })
    })
    source.addEventListener('status', (event) => {
      this.#alive()
      this.status = JSON.parse((event as MessageEvent<string>).data) as Status
      clock.set(this.status.now)
    })
    source.addEventListener('change', (event) => {
      this.#alive()
      this.#tell(JSON.parse((event as MessageEvent<string>).data) as Change)
    })
    source.addEventListener('error', () => {
      this.lost = true
      if (source.readyState !== EventSource.CLOSED) return
      // The browser gave up (the node answered something else); we keep asking.
      clearTimeout(this.#retry)
      this.#retry = setTimeout(() => this.#source === source && this.#open(), 3000)
    })
    void api.status().then(
      (status) => {
        if (!this.status) this.status = status
      },
      () => undefined,
    )
  }
  #alive(): void {
    this.lost = false
    this.heard = Date.now()
  }
  #tell(change: Change): void {
    for (const entry of this.#watch) {
      const kind = change.kind.split('@')[0] ?? ''
      if (change.topic !== '*' && !entry.topics.some((t) => t === '*' || t === change.topic || t === kind)) continue
      if (entry.timer) continue
      entry.timer = setTimeout(() => {
        delete entry.timer
        entry.heard(change)
      }, 250)
    }
  }
}
export const live = new Live()
