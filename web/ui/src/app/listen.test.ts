import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Listener, type Shared } from './listen'
import type { Heard, Said } from './stream'

/** What the browser has of a stream, opened by hand. */
class Source extends EventTarget {
  static all: Source[] = []
  static readonly CLOSED = 2
  readyState = 1
  closed = false
  constructor(readonly url: string) {
    super()
    Source.all.push(this)
  }
  close(): void {
    this.closed = true
  }
}
const open = () => Source.all.filter((s) => !s.closed)

/** A shared worker that keeps what it was told. */
function shared() {
  const channel = new EventTarget()
  const errors = new EventTarget()
  const said: Said[] = []
  const worker = {
    port: {
      postMessage: (what: Said) => said.push(what),
      addEventListener: channel.addEventListener.bind(channel),
      start: () => undefined,
    },
    addEventListener: (type: 'error', heard: () => void) => errors.addEventListener(type, heard),
  } as unknown as Shared
  return {
    worker,
    said,
    tell: (what: Heard) => channel.dispatchEvent(new MessageEvent('message', { data: what })),
    fail: () => errors.dispatchEvent(new Event('error')),
  }
}

beforeEach(() => {
  Source.all = []
  vi.stubGlobal('EventSource', Source)
})
afterEach(() => vi.unstubAllGlobals())

it('opens no stream of its own where a shared worker holds it', () => {
  const heard: Heard[] = []
  const s = shared()
  const listener = new Listener(
    (what) => heard.push(what),
    () => s.worker,
  )
  listener.start('a')
  listener.stop()
  listener.start('b')
  expect(Source.all).toHaveLength(0)
  expect(s.said).toEqual([{ kind: 'listen', session: 'a' }, { kind: 'leave' }, { kind: 'listen', session: 'b' }])
  s.tell({ kind: 'lost' })
  expect(heard).toEqual([{ kind: 'lost' }])
})

it('opens one stream per page where the browser has no shared workers, and closes it', () => {
  const heard: Heard[] = []
  const listener = new Listener((what) => heard.push(what), undefined)
  listener.start('a')
  expect(open().map((s) => s.url)).toEqual(['/api/events'])
  open()[0]?.dispatchEvent(new Event('open'))
  expect(heard).toEqual([{ kind: 'open' }])
  listener.start('b')
  expect(open()).toHaveLength(1)
  listener.stop()
  expect(open()).toHaveLength(0)
})

it('goes on alone when the worker cannot be made or does not run', () => {
  const refused = new Listener(
    () => undefined,
    () => {
      throw new Error('no workers here')
    },
  )
  refused.start('a')
  expect(open()).toHaveLength(1)
  refused.stop()

  const s = shared()
  const broken = new Listener(
    () => undefined,
    () => s.worker,
  )
  broken.start('a')
  expect(open()).toHaveLength(0)
  s.fail()
  expect(open()).toHaveLength(1)
  broken.stop()
  expect(open()).toHaveLength(0)
})

it('stays silent when the worker fails after the session ended', () => {
  const s = shared()
  const listener = new Listener(
    () => undefined,
    () => s.worker,
  )
  listener.start('a')
  listener.stop()
  s.fail()
  expect(open()).toHaveLength(0)
})

it('listens again when the browser shows a page that was put away', () => {
  const s = shared()
  const listener = new Listener(
    () => undefined,
    () => s.worker,
  )
  listener.back()
  expect(s.said).toEqual([])
  listener.start('a')
  listener.leave()
  listener.back()
  expect(s.said.at(-1)).toEqual({ kind: 'listen', session: 'a' })
})
