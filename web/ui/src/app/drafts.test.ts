import { describe, expect, it } from 'vitest'
import { Drafts } from './drafts'

class Shelf implements Storage {
  #map = new Map<string, string>()
  get length(): number {
    return this.#map.size
  }
  clear = () => this.#map.clear()
  getItem = (k: string) => this.#map.get(k) ?? null
  key = (i: number) => [...this.#map.keys()][i] ?? null
  removeItem = (k: string) => void this.#map.delete(k)
  setItem = (k: string, v: string) => void this.#map.set(k, v)
  all = () => [...this.#map.entries()].flat().join(' ')
}
const key = (n: number) => btoa(String.fromCharCode(...new Uint8Array(32).fill(n)))

describe('drafts', () => {
  it('come back to their owner and to nobody else', async () => {
    const shelf = new Shelf()
    const first = new Drafts(shelf)
    await first.open('a', key(1))
    first.put('verdict', { note: 'compare the face' })
    await first.flush()
    first.close()
    expect(await first.get('verdict')).toBeUndefined()
    expect(shelf.all()).not.toContain('compare')

    const other = new Drafts(shelf)
    await other.open('b', key(2))
    expect(await other.get('verdict')).toBeUndefined()
    other.put('verdict', { note: 'mine' })
    await other.flush()

    const again = new Drafts(shelf)
    await again.open('a', key(1))
    expect(await again.get('verdict')).toEqual({ note: 'compare the face' })
  })

  it('are noise to whoever pretends to be the owner without the key', async () => {
    const shelf = new Shelf()
    const first = new Drafts(shelf)
    await first.open('a', key(1))
    first.put('note', 'words')
    await first.flush()
    const thief = new Drafts(shelf)
    await thief.open('a', key(3))
    expect(await thief.get('note')).toBeUndefined()
    expect(shelf.length).toBe(0) // of a session that has ended: of no use to anybody
  })

  it('go when the officer signs out, and are not kept without a key', async () => {
    const shelf = new Shelf()
    const d = new Drafts(shelf)
    await d.open('a', key(1))
    d.put('note', 'words')
    await d.flush()
    d.forget()
    expect(shelf.length).toBe(0)
    await d.open('a', undefined)
    d.put('note', 'words')
    await d.flush()
    expect(shelf.length).toBe(0)
  })

  it('drop what was sent', async () => {
    const shelf = new Shelf()
    const d = new Drafts(shelf)
    await d.open('a', key(1))
    d.put('note', 'words')
    d.put('page', '/hits')
    d.put('note', undefined)
    await d.flush()
    const again = new Drafts(shelf)
    await again.open('a', key(1))
    expect(await again.get('note')).toBeUndefined()
    expect(await again.get('page')).toBe('/hits')
  })
})
