import { api } from '../api'
import { drafts } from './drafts'
import { route } from './route.svelte'
import { session } from './session.svelte'

const ACTIVE = 'sarhad.active'
/** How often the node hears that somebody works: it locks by itself what it does not hear of. */
const TELL_EVERY = 60_000
const LOOK_EVERY = 2_000

/**
 * The shared computer: a screen left alone locks, in all its tabs at once; the page and what was typed wait behind the
 * PIN. Working in one tab is working.
 */
class Lock {
  /** The officer has said that this session goes without a PIN. */
  declined = $state(false)
  /** The PIN chooser is asked for, by hand or by the first lock. */
  ask = $state(false)
  busy = $state(false)
  #told = 0
  #seen = 0
  #of = ''

  watch(): () => void {
    const used = () => {
      const now = Date.now()
      if (!session.me?.shared || now - this.#seen < 1000) return
      this.#seen = now
      localStorage.setItem(ACTIVE, String(now))
      if (now - this.#told > TELL_EVERY) {
        this.#told = now
        void api.session.get({ quiet: true }).catch(() => undefined)
      }
    }
    const names = ['keydown', 'pointerdown', 'wheel', 'touchstart'] as const
    for (const name of names) addEventListener(name, used, { passive: true, capture: true })
    const timer = setInterval(() => this.#look(), LOOK_EVERY)
    return () => {
      clearInterval(timer)
      for (const name of names) removeEventListener(name, used, { capture: true })
    }
  }
  /** Who has just come, or loaded the page anew, is here. */
  #began(of: string): void {
    this.#of = of
    this.declined = false
    this.#seen = this.#told = Date.now()
    localStorage.setItem(ACTIVE, String(this.#seen))
  }
  #look(): void {
    const me = session.me
    if (session.state !== 'in' || !me) return
    if (this.#of !== me.csrf) this.#began(me.csrf)
    if (!me.shared || !me.lockAfter) return
    const last = Number(localStorage.getItem(ACTIVE)) || this.#seen
    if (Date.now() - last < me.lockAfter * 1000) return
    // Without a PIN nothing can be parked: on a shared computer the session ends.
    void (me.pin ? this.now() : session.signOut())
  }

  /** Locks the screen; without a PIN it asks for one first. */
  async now(): Promise<void> {
    if (session.state !== 'in' || !session.me?.shared || this.busy) return
    if (!session.me.pin) {
      this.ask = true
      return
    }
    this.busy = true
    try {
      drafts.put('page', route.place.path + location.search)
      await drafts.flush()
      await api.session.lock()
      session.left()
    } catch {
      await session.load() // gone already, or the node does not answer: the screen must not stay open
    } finally {
      this.busy = false
    }
  }

  /** Goes on with a parked session where it was left. */
  async unlock(desk: string, pin: string): Promise<void> {
    const me = await api.session.unlock(desk, pin)
    session.take(me)
    await drafts.open(me.user.id, me.draftKey)
    const page = await drafts.get<string>('page')
    if (page?.startsWith('/')) route.go(page, true)
  }
}
export const lock = new Lock()
