export interface Toast {
  id: number
  tone: 'plain' | 'good' | 'bad'
  text: string
  undo?: () => Promise<void> | void
  /** Milliseconds since the epoch, by this browser's clock. */
  until: number
  span: number
}

/** Short notes at the foot; one with an undo stays as long as the undo does. */
class Toasts {
  items = $state.raw<Toast[]>([])
  #next = 1

  show(text: string, options: { tone?: Toast['tone']; undo?: Toast['undo']; ms?: number } = {}): void {
    const span = options.ms ?? (options.undo ? 10_000 : options.tone === 'bad' ? 9_000 : 4_000)
    const toast: Toast = { id: this.#next++, tone: options.tone ?? 'plain', text, until: Date.now() + span, span }
    if (options.undo) toast.undo = options.undo
    this.items = [...this.items.slice(-2), toast]
    setTimeout(() => this.drop(toast.id), span)
  }
  bad(text: string): void {
    this.show(text, { tone: 'bad' })
  }
  drop(id: number): void {
    this.items = this.items.filter((t) => t.id !== id)
  }
  /** The latest act that can still be undone. */
  async undoLast(): Promise<void> {
    const last = this.items.findLast((t) => t.undo)
    if (!last) return
    this.drop(last.id)
    await last.undo?.()
  }
}
export const toasts = new Toasts()
