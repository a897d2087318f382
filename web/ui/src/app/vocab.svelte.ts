import { SvelteMap } from 'svelte/reactivity'
import { api } from '../api'
import type { Airport, Term } from '../api'
import { locale, pick } from './locale.svelte'

/** The agency's words: code to label in the reader's language. An unknown code is shown as it is, never hidden. */
class Vocabulary {
  #terms = new SvelteMap<string, Map<string, Term>>()
  #airports = new SvelteMap<string, Airport>()
  #loaded = false

  async load(): Promise<void> {
    if (this.#loaded) return
    this.#loaded = true
    try {
      const [terms, airports] = await Promise.all([api.vocab(), api.airports()])
      for (const [name, list] of Object.entries(terms)) {
        if (Array.isArray(list)) this.#terms.set(name, new Map(list.map((t) => [t.code, t])))
      }
      for (const a of airports) this.#airports.set(a.code, a)
    } catch {
      this.#loaded = false
    }
  }

  label(vocabulary: string, code: string | undefined): string {
    if (!code) return ''
    const term = this.#terms.get(vocabulary)?.get(code)
    return term ? pick(term.en, term.ru) : code
  }
  note(vocabulary: string, code: string | undefined): string {
    const term = code ? this.#terms.get(vocabulary)?.get(code) : undefined
    return term ? pick(term.note_en, term.note_ru) : ''
  }
  terms(vocabulary: string): Term[] {
    return [...(this.#terms.get(vocabulary)?.values() ?? [])]
  }
  airport(code: string | undefined): string {
    const found = code ? this.#airports.get(code) : undefined
    return found ? (locale.lang === 'ru' ? found.name_ru || found.name_en : found.name_en) : (code ?? '')
  }
  zone(code: string | undefined): string | undefined {
    return code ? this.#airports.get(code)?.tz : undefined
  }
}
export const vocab = new Vocabulary()
