import { api } from '../api'
import type { Change, Status } from '../api'
import { clock } from './clock.svelte'
import { Stream, type Heard, type Said } from './stream'

type Told = (change: Change) => void

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
  /** Of all tabs, where the browser has shared workers; else a stream of this tab's own. */
  #port: MessagePort | undefined
  #own: Stream | undefined

  /** Listens in a session; `name` tells it from the session before. */
  start(name: string): void {
    this.stop()
    const port = this.#shared()
    if (port) port.postMessage({ kind: 'listen', session: name } satisfies Said)
    else {
      this.#own = new Stream((what) => this.#hear(what))
      this.#own.open()
    }
    void api.status().then(
      (status) => {
        if (!this.status) this.status = status
      },
      () => undefined,
    )
  }
  stop(): void {
    this.#port?.postMessage({ kind: 'leave' } satisfies Said)
    this.#own?.close()
    this.#own = undefined
    this.status = undefined
    this.lost = false
  }

  #shared(): MessagePort | undefined {
    if (this.#port || typeof SharedWorker !== 'function') return this.#port
    try {
      const worker = new SharedWorker(new URL('./stream.worker.ts', import.meta.url), {
        type: 'module',
        name: 'stream',
      })
      worker.addEventListener('error', () => {
        // The worker cannot run here: this tab listens for itself.
        this.#port = undefined
        this.#own ??= new Stream((what) => this.#hear(what))
        this.#own.open()
      })
      this.#port = worker.port
      this.#port.addEventListener('message', (event: MessageEvent<Heard>) => this.#hear(event.data))
      this.#port.start()
      // A tab that is closed or frozen does not count among the listeners; one that comes back does again.
      addEventListener('pagehide', () => this.#port?.postMessage({ kind: 'leave' } satisfies Said))
    } catch {
      this.#port = undefined
    }
    return this.#port
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
