import { api, ApiError } from '../api'
import { setCsrf } from '../api/client'
import type { Me, Purpose } from '../api'
import { drafts } from './drafts'
import { live } from './live.svelte'
import { assertion } from '../session/webauthn'
import { locale, type Lang } from './locale.svelte'
import { vocab } from './vocab.svelte'

/** Who works here, for what purpose, and what they may do. */
class Session {
  state = $state<'loading' | 'out' | 'in' | 'offline'>('loading')
  me = $state.raw<Me | undefined>()
  /** The purpose chooser is asked for, by hand or because the node refused a read without one. */
  askPurpose = $state(false)
  /** The password was given by somebody else; the node answers nothing until it is changed. */
  due = $state(false)
  /** Changes whenever reads that were refused may now succeed. */
  epoch = $state(0)
  #others = new BroadcastChannel('sarhad.session')

  purpose = $derived<Purpose | undefined>(this.me?.purpose)
  roles = $derived<string[]>(this.me?.user.roles ?? [])

  async load(): Promise<void> {
    try {
      this.take(await api.session.get({ quiet: true }))
    } catch (error) {
      if (error instanceof ApiError && error.kind === 'signed-out') this.#gone()
      else {
        this.state = 'offline'
        setTimeout(() => this.state === 'offline' && void this.load(), 5000)
      }
    }
  }
  async signIn(name: string, password: string, totp?: string): Promise<void> {
    this.take(await api.session.signIn(name, password, totp))
  }
  async signInPasskey(): Promise<void> {
    this.take(await api.session.signInPasskey(await assertion(await api.session.askPasskey())))
  }
  async signOut(): Promise<void> {
    drafts.forget()
    try {
      await api.session.signOut()
    } finally {
      this.#gone()
      this.#others.postMessage('out')
    }
  }
  /** The session was parked here: this tab and all others show who waits. */
  left(): void {
    this.#gone()
    this.#others.postMessage('out')
  }
  /** Other tabs of this browser have the same cookie, so they come and go together. */
  watch(): () => void {
    const heard = (event: MessageEvent<'in' | 'out'>) => {
      if (event.data === 'out' && this.state === 'in') this.#gone()
      if (event.data === 'in') void this.load()
    }
    this.#others.addEventListener('message', heard)
    return () => this.#others.removeEventListener('message', heard)
  }
  async setPurpose(p: { kind: string; ref?: string; text: string }): Promise<void> {
    this.take(await api.session.purpose(p))
    this.askPurpose = false
  }
  setLang(lang: Lang): void {
    locale.set(lang)
    if (this.state === 'in') void api.session.lang(lang).catch(() => undefined)
  }

  /** "action:topic" is allowed; a topic alone asks for any action on it. */
  may(...wanted: string[]): boolean {
    const have = this.me?.may ?? []
    return wanted.some((w) => (w.includes(':') ? have.includes(w) : have.some((h) => h.endsWith(':' + w))))
  }
  is(...roles: string[]): boolean {
    return roles.some((r) => this.roles.includes(r))
  }

  /** A refusal anywhere: signed out elsewhere, no purpose yet, a password that must be changed first. */
  refused(error: ApiError): void {
    if (error.kind === 'signed-out' && this.state === 'in') this.#gone()
    if (error.kind === 'purpose') this.askPurpose = true
    if (error.kind === 'forbidden' && this.state === 'in' && !this.due) void this.#probe(error)
  }
  /** Everybody who is signed in may ask for the counters; who may not even do that has a password to change. */
  async #probe(refusal: ApiError): Promise<void> {
    const said = refusal.reason
    if (said === '') {
      try {
        await api.status()
        return
      } catch (error) {
        if (!(error instanceof ApiError) || error.kind !== 'forbidden') return
      }
    } else if (said !== 'password-change-due') return
    this.due = true
    live.stop()
  }

  take(me: Me): void {
    setCsrf(me.csrf)
    const another = this.me?.csrf !== me.csrf
    this.me = me
    this.epoch++
    if (me.mustChange !== undefined) this.due = me.mustChange
    if (another) void drafts.open(me.user.id, me.draftKey)
    if (this.state !== 'in') {
      const came = this.state === 'out'
      this.state = 'in'
      locale.suggest(me.user.lang)
      if (!this.due) this.#begin()
      if (came) this.#others.postMessage('in')
    } else if (another && !this.due) this.#begin()
  }
  /** The password is the person's own now. */
  changed(me: Me): void {
    const waited = this.due
    this.due = false
    this.take({ ...me, mustChange: false })
    if (waited) this.#begin()
  }
  #begin(): void {
    live.start(this.me?.csrf ?? '')
    void vocab.load()
  }
  #gone(): void {
    live.stop()
    drafts.close()
    // Whoever sits down next does not begin on the page of the one before.
    if (this.me?.shared) {
      history.replaceState(null, '', '/')
      dispatchEvent(new PopStateEvent('popstate'))
    }
    setCsrf('')
    this.me = undefined
    this.due = false
    this.state = 'out'
  }
}
export const session = new Session()
