import { describe, expect, it } from 'vitest'
import { ApiError } from '../api/client'
import type { Upload } from '../api/evidence'
import { Sending, type Doors, type Source, type Stage } from './sending'

const SIZE = 1_500_000
const file: Source = { name: 'a.bin', size: SIZE, slice: (from, to) => new Blob([new Uint8Array(to - from)]) }
const error = (kind: ConstructorParameters<typeof ApiError>[0], detail = '') => new ApiError(kind, 0, '', detail)

/** A node that keeps what it acknowledged and breaks as told. */
class Node implements Doors {
  offset = 0
  pieces = 0
  cancelled = false
  breaks: (piece: number) => ApiError | undefined = () => undefined
  #state = (): Upload => ({
    id: 'u',
    name: 'a.bin',
    size: SIZE,
    offset: this.offset,
    done: this.offset === SIZE,
    began: '',
    expires: '',
  })
  begin = () => Promise.resolve(this.#state())
  get = () => Promise.resolve(this.#state())
  cancel = () => {
    this.cancelled = true
    return Promise.resolve()
  }
  async piece(_: string, offset: number, piece: Blob): Promise<Upload> {
    await Promise.resolve()
    const broken = this.breaks(this.pieces++)
    if (broken) {
      this.offset = Math.min(SIZE, this.offset + 1000) // a part of the piece came
      throw broken
    }
    if (offset !== this.offset) throw error('conflict')
    this.offset += piece.size
    return this.#state()
  }
}
async function send(node: Node, former?: Upload) {
  const stages: Stage[] = []
  const waits: number[] = []
  const s = new Sending(1, 'r', file, node, (seen) => stages.at(-1) !== seen.stage && stages.push(seen.stage), former)
  await s.run((ms) => (waits.push(ms), Promise.resolve()))
  return { s, stages, waits }
}

describe('a file on its way', () => {
  it('arrives whole, in pieces that grow', async () => {
    const node = new Node()
    const { stages, s } = await send(node)
    expect(node.offset).toBe(SIZE)
    expect(stages).toEqual(['sending', 'done'])
    expect(node.pieces).toBeLessThan(5)
    expect(s.seen.sent).toBe(SIZE)
  })
  it('waits for a line that is away, longer each time, and goes on where the node stands', async () => {
    const node = new Node()
    node.breaks = (n) => (n > 0 && n < 4 ? error('offline') : undefined)
    const { stages, waits } = await send(node)
    expect(node.offset).toBe(SIZE)
    expect(stages).toContain('paused')
    expect(stages.at(-1)).toBe('done')
    expect(waits).toEqual([1000, 2000, 5000])
  })
  it('asks where it stands when the node waits for another byte', async () => {
    const node = new Node()
    const former = await node.get()
    node.offset = 777 // the node knows more than the browser
    const { stages } = await send(node, former)
    expect(node.offset).toBe(SIZE)
    expect(stages).toEqual(['sending', 'done'])
  })
  it('says why the node refuses, and tries no further', async () => {
    const node = new Node()
    node.breaks = () => error('invalid', 'the picture is too large')
    const { s } = await send(node)
    expect(s.seen.stage).toBe('failed')
    expect(s.seen.error).toBe('the picture is too large')
    expect(node.pieces).toBe(1)
  })
  it('throws away what came when it is cancelled', async () => {
    const node = new Node()
    const s = new Sending(1, 'r', file, node, () => undefined)
    node.breaks = (n) => {
      if (n === 1) void s.cancel()
      return undefined
    }
    await s.run()
    expect(node.cancelled).toBe(true)
    expect(node.offset).toBeLessThan(SIZE)
  })
})
