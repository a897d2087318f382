import { api } from '../api'
import type { Change, Status } from '../api'
import { clock } from './clock.svelte'
import { Listener, type Shared } from './listen'
import type { Heard } from './stream'

type Told = (change: Change) => void

function sharedWorker(): (() => Shared) | undefined {
  if (typeof SharedWorker !== 'function') return undefined
  return () => new SharedWorker(new URL('./stream.worker.ts', import.meta.url), { type: 'module', name: 'stream' })
}

/**
 * One event stream per browser. A change says only what changed; whoever shows it fetches again, with the rights of
 * the reader, so the stream itself carries no named data.
 */
class Live {
  status = $state.raw<Status | undefined>()
  /** When the node was last heard, by this browser's clock. */
  heard = $state(0)
  lost = $state(false)
  #watch = new Set<{ topics: readonly string[]; heard: Told; timer?: ReturnType<typeof setTimeout> }>()
  #listener = new Listener((what) => this.#hear(what), sharedWorker())

  constructor() {
    addEventListener('pagehide', () => this.#listener.leave())
    addEventListener('pageshow', (event) => event.persisted && this.#listener.back())
  }

  /** Listens in a session; `name` tells it from the session before. */
  start(name: string): void {
    this.stop()
    this.#listener.start(name)
    void api.status().then(
      (status) => {
        if (!this.status) this.status = status
      },
      () => undefined,
    )
  }
  stop(): void {
    this.#listener.stop()
    this.status = undefined
    this.lost = false
  }

  /** Calls back, at most every 250 ms, when something of these topics or kinds changed or the link came back. */
  on(topics: readonly string[], heard: Told): () => void {
    const entry = { topics, heard }
    this.#watch.add(entry)
    return () => this.#watch.delete(entry)
  }

  #hear(what: Heard): void {
    if (what.kind === 'lost') {
      this.lost = true
      return
    }
    const back = this.lost
    this.#alive()
    if (back) this.#tell({ seq: 0, topic: '*', kind: '*', id: '' })
    if (what.kind === 'status') {
      this.status = what.status
      clock.set(what.status.now)
    } else if (what.kind === 'change') this.#tell(what.change)
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
