import { api } from '../api'
import type { DemoPlace, DemoUser } from '../api'

/** A demonstration: who can sign in here, and the places of the region around it. */
class Demo {
  users = $state.raw<DemoUser[]>([])
  places = $state.raw<DemoPlace[]>([])

  /** Asks again; on a node that is no demonstration both stay empty. */
  async load(): Promise<void> {
    try {
      const told = await api.session.demo()
      this.users = told?.users ?? []
      this.places = told?.places ?? []
    } catch {
      // No demonstration, or no connection: what was known stays.
    }
  }

  place(node: string): DemoPlace | undefined {
    return this.places.find((p) => p.node === node)
  }

  /** Cuts the line of a node to the hub, or joins it again. */
  async cut(node: string, cut: boolean): Promise<void> {
    const told = await api.session.demoLine(node, cut)
    this.places = told.items
  }
}

export const demo = new Demo()

/** How often places are asked for while they are shown, in milliseconds: they come up one after the other, and lines go down. */
export const LOOK_AGAIN = 3000
