import { api } from '../api'
import type { Upload } from '../api'
import { Sending, type Seen } from './sending'

/** How many files are sent at once: a weak line is shared by no more. */
const AT_ONCE = 2

/**
 * The files of this browser on their way, each for one record. It outlives the page that began it, so that an officer may
 * look something up meanwhile. After a reload the node still has what came; the browser needs the file once more.
 */
class Queue {
  items = $state.raw<Seen[]>([])
  #sendings = new Map<number, Sending>()
  #next = 1

  of(record: string): Seen[] {
    return this.items.filter((s) => s.record === record)
  }

  /** Takes files for a record; one that stands half way at the node goes on there. */
  add(record: string, files: File[], half: Upload[] = []): void {
    const free = [...half]
    for (const file of files) {
      const at = free.findIndex((u) => !u.done && u.name === file.name && u.size === file.size)
      const [former] = at >= 0 ? free.splice(at, 1) : []
      const key = this.#next++
      const s = new Sending(key, record, file, api.uploads, () => this.#changed(), former)
      this.#sendings.set(key, s)
    }
    this.#changed()
    this.#start()
  }
  /** Takes up a file that the node has whole already. */
  adopt(record: string, upload: Upload): void {
    const key = this.#next++
    const none = { name: upload.name, size: upload.size, slice: () => new Blob() }
    const s = new Sending(key, record, none, api.uploads, () => this.#changed(), upload)
    this.#sendings.set(key, s)
    void s.run()
  }
  retry(key: number): void {
    void this.#sendings
      .get(key)
      ?.run()
      .then(() => this.#start())
  }
  async cancel(key: number): Promise<void> {
    const s = this.#sendings.get(key)
    this.#sendings.delete(key)
    this.#changed()
    await s?.cancel()
    this.#start()
  }
  /** They belong to an exhibit now. */
  taken(record: string): void {
    for (const [key, s] of this.#sendings) if (s.seen.record === record) this.#sendings.delete(key)
    this.#changed()
  }
  /** The uploads this browser knows of. */
  knows(id: string): boolean {
    return this.items.some((s) => s.upload?.id === id)
  }

  #start(): void {
    const all = [...this.#sendings.values()]
    let busy = all.filter((s) => s.seen.stage === 'sending' || s.seen.stage === 'paused').length
    for (const s of all) {
      if (s.seen.stage !== 'waiting' || busy >= AT_ONCE) continue
      busy++
      void s.run().then(() => this.#start())
    }
  }
  #changed(): void {
    this.items = [...this.#sendings.values()].map((s) => s.seen)
  }
}
export const queue = new Queue()
