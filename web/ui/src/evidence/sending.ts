import { ApiError } from '../api/client'
import type { Upload } from '../api/evidence'

/** Where a file goes: the node's doors, or a test's. */
export interface Doors {
  begin(name: string, size: number): Promise<Upload>
  piece(id: string, offset: number, piece: Blob, signal: AbortSignal): Promise<Upload>
  get(id: string): Promise<Upload>
  cancel(id: string): Promise<void>
}

/** A file of the browser, as far as sending needs it. */
export interface Source {
  name: string
  size: number
  slice(from: number, to: number): Blob
}

export type Stage = 'waiting' | 'sending' | 'paused' | 'failed' | 'done'

/** What a screen shows of a file on its way; a new one whenever something changes. */
export interface Seen {
  key: number
  record: string
  name: string
  size: number
  sent: number
  stage: Stage
  /** Seconds that are left, when the speed is known. */
  left?: number
  error?: string
  upload?: Upload
}

const LEAST = 128 * 1024
const MOST = 4 * 1024 * 1024
/** A piece lasts about so long: short enough that a broken line loses little, long enough not to wait for answers. */
const [QUICK, SLOW] = [800, 4000]
/** A line that is away is tried again after so many milliseconds, longer each time. */
const AGAIN = [1000, 2000, 5000, 10_000, 20_000]

/**
 * Sends one file piece by piece. What the node has acknowledged is safe; a broken line, a node that starts again or a place
 * that moved only cost the piece that was under way. It ends done, failed or cancelled; a line that is away does not end it.
 */
export class Sending {
  seen: Seen
  #file: Source
  #doors: Doors
  #changed: (seen: Seen) => void
  #stop = new AbortController()
  #speed = 0
  #piece = LEAST * 2

  constructor(key: number, record: string, file: Source, doors: Doors, changed: (seen: Seen) => void, former?: Upload) {
    this.#file = file
    this.#doors = doors
    this.#changed = changed
    this.seen = { key, record, name: file.name, size: file.size, sent: former?.offset ?? 0, stage: 'waiting' }
    if (former) this.seen.upload = former
  }

  /** Resolves when nothing more will happen by itself. `wait` is there for tests. */
  async run(wait: (ms: number) => Promise<void> = (ms) => new Promise((r) => setTimeout(r, ms))): Promise<void> {
    this.#show({ stage: 'sending', error: undefined })
    let misses = 0
    while (!this.#stop.signal.aborted) {
      try {
        if (await this.#step()) return
        misses = 0
      } catch (error) {
        if (this.#stop.signal.aborted) return
        const kind = error instanceof ApiError ? error.kind : undefined
        if (kind !== 'offline' && kind !== 'unavailable' && !(kind === 'conflict' && this.seen.upload && misses < 5)) {
          // What the node has thrown away begins anew when it is tried again.
          const gone = kind === 'not-found' || kind === 'invalid' ? { upload: undefined, sent: 0 } : {}
          this.#show({ stage: 'failed', error: error instanceof ApiError ? error.detail : '', ...gone })
          return
        }
        if (kind !== 'conflict') {
          this.#show({ stage: 'paused', left: undefined })
          await wait(AGAIN[Math.min(misses, AGAIN.length - 1)] ?? 1000)
        }
        misses++
        await this.#ask()
      }
    }
  }

  /** Sends one piece; true when the file is there whole. */
  async #step(): Promise<boolean> {
    let upload = this.seen.upload ?? (await this.#doors.begin(this.#file.name, this.#file.size))
    if (this.#stop.signal.aborted) {
      await this.#doors.cancel(upload.id)
      return true
    }
    this.#take(upload)
    if (!upload.done) {
      const began = Date.now()
      const at = upload.offset
      const piece = this.#file.slice(at, Math.min(at + this.#piece, this.#file.size))
      upload = await this.#doors.piece(upload.id, at, piece, this.#stop.signal)
      this.#pace(upload.offset - at, Date.now() - began)
      this.#take(upload)
    }
    if (upload.done) this.#show({ stage: 'done', left: undefined })
    return upload.done
  }

  /** Asks where the file stands; a line that is still away is no news. */
  async #ask(): Promise<void> {
    if (!this.seen.upload || this.#stop.signal.aborted) return
    try {
      this.#take(await this.#doors.get(this.seen.upload.id))
    } catch {
      // The next piece will tell.
    }
  }

  #pace(bytes: number, ms: number): void {
    if (ms < QUICK) this.#piece = Math.min(this.#piece * 2, MOST)
    else if (ms > SLOW) this.#piece = Math.max(this.#piece / 2, LEAST)
    const now = bytes / Math.max(ms, 1)
    this.#speed = this.#speed ? this.#speed * 0.7 + now * 0.3 : now
  }

  #take(upload: Upload): void {
    const left = this.#speed > 0 ? Math.ceil((upload.size - upload.offset) / this.#speed / 1000) : undefined
    this.#show({ upload, sent: upload.offset, stage: 'sending', left, error: undefined })
  }

  #show(change: { [K in keyof Seen]?: Seen[K] | undefined }): void {
    const next = { ...this.seen, ...change } as Seen
    this.seen = next
    this.#changed(next)
  }

  /** Stops and throws away what came so far. */
  async cancel(): Promise<void> {
    this.#stop.abort()
    if (this.seen.upload) await this.#doors.cancel(this.seen.upload.id).catch(() => undefined)
  }
}
