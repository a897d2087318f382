/**
 * Keyboard, free of any framework. Letters are read by their place on the board (`code`), so that j, k and d work
 * with a Russian layout too; an officer never switches the layout to decide.
 */

/** "j", "Enter", "Escape", "ctrl+k", "?", "/", "g h" (one after the other), "1" ... "9". */
export type Combo = string

export interface KeyLike {
  key: string
  code: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

export function comboOf(event: KeyLike): Combo {
  const code = event.code
  let key = event.key
  if (/^Key[A-Z]$/.test(code)) key = code.slice(3).toLowerCase()
  else if (/^(Digit|Numpad)[0-9]$/.test(code)) key = code.slice(-1)
  else if (code === 'Slash') key = event.shiftKey ? '?' : '/'
  const shifted = event.shiftKey && /^[a-z]$/.test(key) ? 'shift+' : ''
  return (event.ctrlKey || event.metaKey ? 'ctrl+' : '') + (event.altKey ? 'alt+' : '') + shifted + key
}

/** True while a person types text, so that letters stay letters. */
export function typing(target: EventTarget | null): boolean {
  const el = target as HTMLElement | null
  if (!el || typeof el.closest !== 'function') return false
  const field = el.closest('input, textarea, select, [contenteditable="true"]')
  if (!field) return false
  const type = field.getAttribute('type')
  return type !== 'checkbox' && type !== 'radio' && type !== 'button'
}

export interface Binding {
  combo: Combo
  /** What it does, for the help; a function because the language may change. */
  label: () => string
  run: (event: KeyboardEvent) => void
  /** Also while typing (Escape, ctrl+Enter). */
  always?: boolean
  hidden?: boolean
}

/** Bindings in layers: the latest layer that knows the key wins; a dialog's layer may shut out the rest. */
export class Keyboard {
  #layers: { bindings: Binding[]; modal: boolean }[] = []
  #lead = ''
  #leadAt = 0

  constructor(private now: () => number = Date.now) {}

  layer(bindings: Binding[], modal = false): () => void {
    const layer = { bindings, modal }
    this.#layers.push(layer)
    return () => {
      this.#layers = this.#layers.filter((l) => l !== layer)
    }
  }

  /** Everything that works now, nearest first, for the help screen. */
  active(): Binding[] {
    const seen = new Set<string>()
    const out: Binding[] = []
    for (const layer of this.#layers.toReversed()) {
      for (const b of layer.bindings) {
        if (b.hidden || seen.has(b.combo)) continue
        seen.add(b.combo)
        out.push(b)
      }
      if (layer.modal) break
    }
    return out
  }

  handle(event: KeyboardEvent): boolean {
    const combo = comboOf(event)
    const lead = this.now() - this.#leadAt < 1000 ? this.#lead : ''
    this.#lead = ''
    const writing = typing(event.target)
    for (const layer of this.#layers.toReversed()) {
      const hit =
        layer.bindings.find((b) => lead && b.combo === lead + ' ' + combo) ??
        layer.bindings.find((b) => b.combo === combo)
      if (hit && (!writing || hit.always)) {
        event.preventDefault()
        hit.run(event)
        return true
      }
      if (layer.modal) return false
    }
    const leads = this.#layers.some((l) => l.bindings.some((b) => b.combo.startsWith(combo + ' ')))
    if (leads && !writing) {
      this.#lead = combo
      this.#leadAt = this.now()
    }
    return false
  }
}
