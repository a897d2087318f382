import type { Plugin } from 'vite'

/**
 * Libraries name web pages in error texts and dummy addresses as URL bases. Nobody ever asks them, but a node without
 * internet need not carry them, and a test looks for outside addresses in the build. XML namespaces stay.
 */
const ELSEWHERE: [RegExp, string][] = [
  [/https:\/\/svelte\.dev\/e\//g, 'svelte:'],
  [/https:\/\/paraglidejs\.com\//g, 'paraglide:'],
  [/http:\/\/(example|fallback)\.com/g, 'http://localhost'],
]

export function stayAtHome(): Plugin {
  return {
    name: 'sarhad-home',
    apply: 'build',
    enforce: 'post',
    renderChunk(code) {
      return { code: ELSEWHERE.reduce((text, [from, to]) => text.replace(from, to), code), map: null }
    },
  }
}
