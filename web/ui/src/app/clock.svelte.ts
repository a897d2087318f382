/** One clock for every running figure, set by the node's time so that a wrong PC clock misleads nobody. */
class Clock {
  #skew = 0
  now = $state(Date.now())
  constructor() {
    setInterval(() => (this.now = Date.now() + this.#skew), 1000)
  }
  set(nodeNow: string): void {
    const at = Date.parse(nodeNow)
    if (!Number.isFinite(at)) return
    this.#skew = at - Date.now()
    this.now = at
  }
}
export const clock = new Clock()
