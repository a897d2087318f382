import { api, ApiError } from '../api'
import { setCsrf } from '../api/client'
import type { Me, Purpose } from '../api'
import { live } from './live.svelte'
import { locale, type Lang } from './locale.svelte'
import { vocab } from './vocab.svelte'

/** Who works here, for what purpose, and what they may do. */
class Session {
  state = $state<'loading' | 'out' | 'in' | 'offline'>('loading')
  me = $state.raw<Me | undefined>()
  /** The purpose chooser is asked for, by hand or because the node refused a read without one. */
  askPurpose = $state(false)
  /** Changes whenever reads that were refused may now succeed. */
  epoch = $state(0)

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
  async signOut(): Promise<void> {
    try {
      await api.session.signOut()
    } finally {
      this.#gone()
    }
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

  /** A refusal anywhere: signed out elsewhere, or no purpose yet. */
  refused(error: ApiError): void {
    if (error.kind === 'signed-out' && this.state === 'in') this.#gone()
    if (error.kind === 'purpose') this.askPurpose = true
  }

  take(me: Me): void {
    setCsrf(me.csrf)
    this.me = me
    this.epoch++
    if (this.state !== 'in') {
      this.state = 'in'
      locale.suggest(me.user.lang)
      live.start()
      void vocab.load()
    }
  }
  #gone(): void {
    live.stop()
    setCsrf('')
    this.me = undefined
    this.state = 'out'
  }
}
export const session = new Session()
