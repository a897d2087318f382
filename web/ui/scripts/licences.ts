import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** Embedded works whose licence wants its text to travel with the copy. */
const EMBEDDED = [
  { name: 'Inter', file: 'node_modules/@fontsource-variable/inter/LICENSE' },
  { name: 'JetBrains Mono', file: 'node_modules/@fontsource-variable/jetbrains-mono/LICENSE' },
  { name: 'Svelte', file: 'node_modules/svelte/LICENSE.md' },
  { name: 'Paraglide', file: 'node_modules/@inlang/paraglide-js/LICENSE' },
]

/** Puts `licences.txt` into the build: one text per embedded work. */
export function licences(): Plugin {
  return {
    name: 'sarhad-licences',
    apply: 'build',
    generateBundle() {
      const parts = EMBEDDED.flatMap(({ name, file }) => {
        try {
          return [`${name}\n${'='.repeat(name.length)}\n\n${readFileSync(file, 'utf8').trim()}\n`]
        } catch {
          return []
        }
      })
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source: parts.join('\n\n') })
    },
  }
}
