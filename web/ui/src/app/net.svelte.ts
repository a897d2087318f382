/** How many requests are under way; `ready` is what a browser story waits on. */
class Net {
  pending = $state(0)
  loading = $state(true)
  ready = $derived(this.pending === 0 && !this.loading)
}
export const net = new Net()
