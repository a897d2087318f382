import { afterEach, describe, expect, it, vi } from 'vitest'
import { call, unattended } from './client'

describe('call', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('says which reads a screen makes by itself', async () => {
    const sent: RequestInit[] = []
    vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
      sent.push(init)
      return Promise.resolve(new Response('{}'))
    })
    const asked = new AbortController().signal
    const alone = new AbortController().signal
    unattended(alone)
    await call('GET', '/hits')
    await call('GET', '/hits', undefined, { signal: asked })
    await call('GET', '/hits', undefined, { signal: alone })
    await call('POST', '/hits/1/claim', {}, { signal: alone })
    const quiet = sent.map((init) => (init.headers as Record<string, string>)['X-Sarhad-Quiet'])
    expect(quiet).toEqual([undefined, undefined, '1', undefined])
  })
})
