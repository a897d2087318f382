import { overwriteGetLocale } from '../paraglide/runtime'

export type Lang = 'en' | 'ru'
export const LANGS: readonly { code: Lang; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'ru', name: 'Русский' },
]
const KEY = 'sarhad.lang'

function known(value: string | null | undefined): Lang | undefined {
  return LANGS.find((l) => l.code === value)?.code
}

/** What a browser keeps between visits; one that keeps nothing still works. */
export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Private windows may refuse.
  }
}
export function kept(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

class Locale {
  lang = $state<Lang>(known(document.documentElement.lang) ?? 'en')
  /** The person chose it in this browser; their stored language no longer overrides it. */
  chosen = known(kept(KEY)) !== undefined

  set(lang: Lang): void {
    this.lang = lang
    this.chosen = true
    document.documentElement.lang = lang
    keep(KEY, lang)
  }
  /** The language stored with the person, unless this browser was told otherwise. */
  suggest(lang: string | undefined): void {
    const found = known(lang)
    if (found && !this.chosen) this.set(found)
  }
}
export const locale = new Locale()
overwriteGetLocale(() => locale.lang)

/** Picks the text of the reader's language from a pair that came from the node. */
export function pick(en: string | undefined, ru: string | undefined): string {
  return (locale.lang === 'ru' ? ru || en : en || ru) ?? ''
}
