import { describe, expect, it, vi } from 'vitest'
import { comboOf, Keyboard, typing, type KeyLike } from './keys'

const key = (k: string, code: string, mod: Partial<KeyLike> = {}): KeyLike => ({
  key: k,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...mod,
})
const event = (k: KeyLike, target: unknown = null) =>
  ({ ...k, target, preventDefault: vi.fn() }) as unknown as KeyboardEvent
const field = (type: string | null) => ({ closest: () => ({ getAttribute: () => type }) })

describe('comboOf reads letters by their place', () => {
  it.each([
    ['Latin j', key('j', 'KeyJ'), 'j'],
    ['the same key in a Russian layout', key('о', 'KeyJ'), 'j'],
    ['slash in a Russian layout', key('.', 'Slash'), '/'],
    ['question mark', key(',', 'Slash', { shiftKey: true }), '?'],
    ['control and k', key('л', 'KeyK', { ctrlKey: true }), 'ctrl+k'],
    ['a digit of the number pad', key('3', 'Numpad3'), '3'],
    ['Enter', key('Enter', 'Enter'), 'Enter'],
    ['control and Enter', key('Enter', 'Enter', { ctrlKey: true }), 'ctrl+Enter'],
  ])('%s', (_, input, want) => expect(comboOf(input)).toBe(want))
})

describe('Keyboard', () => {
  const binding = (combo: string, run = vi.fn(), more = {}) => ({ combo, label: () => combo, run, ...more })

  it('asks the latest layer first, and frees it', () => {
    const board = new Keyboard()
    const below = vi.fn()
    const above = vi.fn()
    board.layer([binding('j', below)])
    const free = board.layer([binding('j', above)])
    board.handle(event(key('j', 'KeyJ')))
    free()
    board.handle(event(key('j', 'KeyJ')))
    expect([above.mock.calls.length, below.mock.calls.length]).toEqual([1, 1])
  })

  it('shuts out the page beneath a dialog', () => {
    const board = new Keyboard()
    const below = vi.fn()
    board.layer([binding('d', below)])
    board.layer([binding('Escape')], true)
    expect(board.handle(event(key('d', 'KeyD')))).toBe(false)
    expect(below).not.toHaveBeenCalled()
    expect(board.active().map((b) => b.combo)).toEqual(['Escape'])
  })

  it('leaves letters to a person who types, but not Escape', () => {
    const board = new Keyboard()
    const letter = vi.fn()
    const escape = vi.fn()
    board.layer([binding('d', letter), binding('Escape', escape, { always: true })])
    board.handle(event(key('d', 'KeyD'), field('text')))
    board.handle(event(key('Escape', 'Escape'), field('text')))
    expect(letter).not.toHaveBeenCalled()
    expect(escape).toHaveBeenCalledOnce()
  })

  it('takes two keys one after the other, within a second', () => {
    let now = 0
    const board = new Keyboard(() => now)
    const hits = vi.fn()
    board.layer([binding('g h', hits)])
    board.handle(event(key('g', 'KeyG')))
    board.handle(event(key('h', 'KeyH')))
    board.handle(event(key('g', 'KeyG')))
    now = 1500
    board.handle(event(key('h', 'KeyH')))
    expect(hits).toHaveBeenCalledOnce()
  })
})

it('a choice is not typing', () => {
  expect(typing(field('radio') as unknown as EventTarget)).toBe(false)
  expect(typing(field(null) as unknown as EventTarget)).toBe(true)
  expect(typing(null)).toBe(false)
})
