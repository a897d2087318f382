import { Stream, type Heard, type Said } from './stream'

/** The part of a SharedWorker that is needed of it. */
export interface Shared {
  port: Pick<MessagePort, 'postMessage' | 'addEventListener' | 'start'>
  addEventListener(type: 'error', heard: () => void): void
}

/**
 * Where a page hears the node: over one stream for all tabs where the browser has shared workers, else over a stream of
 * its own. Old WebViews of Android have none, and some browsers have them and do not start them.
 */
export class Listener {
  #port: Shared['port'] | undefined
  #own: Stream | undefined
  #on = false
  #broken = false
  #name = ''

  /** `worker` makes the shared one; it is undefined where there is none, and may throw. */
  constructor(
    private heard: (what: Heard) => void,
    private worker: (() => Shared) | undefined,
  ) {}

  /** Listens in a session; `name` tells it from the session before. */
  start(name: string): void {
    this.#on = true
    this.#name = name
    const port = this.#shared()
    if (port) port.postMessage({ kind: 'listen', session: name } satisfies Said)
    else this.#alone()
  }
  stop(): void {
    this.#on = false
    this.leave()
    this.#own?.close()
    this.#own = undefined
  }
  /** A page that came back from where the browser keeps left pages listens again. */
  back(): void {
    if (this.#on) this.start(this.#name)
  }
  /** A page that is closed or put away does not count among the listeners. */
  leave(): void {
    this.#port?.postMessage({ kind: 'leave' } satisfies Said)
  }

  #alone(): void {
    this.#own ??= new Stream(this.heard)
    this.#own.open()
  }
  #shared(): Shared['port'] | undefined {
    if (this.#port || this.#broken || !this.worker) return this.#port
    try {
      const worker = this.worker()
      worker.addEventListener('error', () => {
        this.#port = undefined
        this.#broken = true
        if (this.#on) this.#alone()
      })
      worker.port.addEventListener('message', (event: MessageEvent<Heard>) => this.heard(event.data))
      worker.port.start()
      this.#port = worker.port
    } catch {
      this.#broken = true
    }
    return this.#port
  }
}
