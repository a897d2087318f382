import { keep, kept } from './locale.svelte'

export type Theme = 'auto' | 'light' | 'dark'
const KEY = 'sarhad.theme'

class ThemeStore {
  choice = $state<Theme>((kept(KEY) as Theme | null) ?? 'auto')
  #system = matchMedia('(prefers-color-scheme: dark)')
  #dark = $state(this.#system.matches)
  shown = $derived<'light' | 'dark'>(this.choice === 'auto' ? (this.#dark ? 'dark' : 'light') : this.choice)

  constructor() {
    this.#system.addEventListener('change', (event) => {
      this.#dark = event.matches
      this.#paint()
    })
  }
  set(choice: Theme): void {
    this.choice = choice
    keep(KEY, choice)
    this.#paint()
  }
  flip(): void {
    this.set(this.shown === 'dark' ? 'light' : 'dark')
  }
  #paint(): void {
    document.documentElement.dataset.theme = this.shown
  }
}
export const theme = new ThemeStore()
