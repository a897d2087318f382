/**
 * What an officer has typed and not yet sent, and the page they were on. It stays in this browser, encrypted
 * (AES-256-GCM) under a key that the node keeps with the session and gives to its owner only: whoever sits down next, or
 * looks into the storage, sees noise. The key goes when the session ends, and with it every draft.
 */

const PREFIX = 'sarhad.drafts.'

type Kept = Record<string, unknown>

const from64 = (s: string) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0))
const to64 = (b: Uint8Array) => btoa(String.fromCharCode(...b))

export class Drafts {
  #key: CryptoKey | undefined
  #owner = ''
  #kept: Kept = {}
  #timer: ReturnType<typeof setTimeout> | undefined
  #ready: Promise<void> = Promise.resolve()

  constructor(private storage: Storage) {}

  /** Takes up the drafts of a session. Those of an earlier session of the same officer cannot be read and are dropped. */
  open(owner: string, key64: string | undefined): Promise<void> {
    this.close()
    this.#owner = owner
    if (!key64 || !globalThis.crypto?.subtle) return this.#ready
    this.#ready = this.#read(key64)
    return this.#ready
  }

  async #read(key64: string): Promise<void> {
    const owner = this.#owner
    const key = await crypto.subtle.importKey('raw', from64(key64), 'AES-GCM', false, ['encrypt', 'decrypt'])
    let kept: Kept = {}
    const stored = this.storage.getItem(PREFIX + owner)
    if (stored) {
      try {
        const all = from64(stored)
        const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: all.slice(0, 12) }, key, all.slice(12))
        kept = JSON.parse(new TextDecoder().decode(plain)) as Kept
      } catch {
        this.storage.removeItem(PREFIX + owner)
      }
    }
    if (this.#owner !== owner) return
    this.#key = key
    this.#kept = kept
  }

  async get<T>(name: string): Promise<T | undefined> {
    await this.#ready
    return this.#kept[name] as T | undefined
  }

  /** Keeps a value; undefined drops it. It is written within a moment, or by `flush`. */
  put(name: string, value: unknown): void {
    if (!this.#key) return
    if (value === undefined) delete this.#kept[name]
    else this.#kept[name] = value
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.flush(), 300)
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#ready
    const key = this.#key
    if (!key) return
    const name = PREFIX + this.#owner
    const iv = crypto.getRandomValues(new Uint8Array(12))
    const plain = new TextEncoder().encode(JSON.stringify(this.#kept))
    const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain))
    const all = new Uint8Array(iv.length + sealed.length)
    all.set(iv)
    all.set(sealed, iv.length)
    this.storage.setItem(name, to64(all))
  }

  /** Forgets key and words; what is stored waits for its owner. */
  close(): void {
    clearTimeout(this.#timer)
    this.#key = undefined
    this.#owner = ''
    this.#kept = {}
    this.#ready = Promise.resolve()
  }

  /** The officer signs out: nothing stays. */
  forget(): void {
    if (this.#owner) this.storage.removeItem(PREFIX + this.#owner)
    this.close()
  }
}

export const drafts = new Drafts(globalThis.localStorage)
