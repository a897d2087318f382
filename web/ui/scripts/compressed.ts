import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Text files that gain from compression; woff2 is compressed already. */
const TEXT = /\.(js|css|html|svg|txt|webmanifest)$/

/**
 * Writes a `.gz` beside every text file of the build, so that the node serves it as it is.
 * Level 9 and no timestamp: the same sources give the same bytes.
 */
export function compressed(): Plugin {
  let outDir = 'dist'
  return {
    name: 'sarhad-compressed',
    apply: 'build',
    configResolved(config) {
      outDir = config.build.outDir
    },
    async closeBundle() {
      for (const entry of await readdir(outDir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !TEXT.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        const body = await readFile(path)
        if (body.length < 512) continue
        await writeFile(path + '.gz', gzipSync(body, { level: 9 }))
      }
    },
  }
}
