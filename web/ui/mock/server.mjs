// node mock/server.mjs [port]: the built workbench with the mock behind it, under the node's own security policy.
import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMock } from './api.mjs'

const dist = join(fileURLToPath(new URL('.', import.meta.url)), '..', 'dist', 'app')
const TYPES = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const mock = createMock()

createServer(async (req, res) => {
  const { pathname } = new URL(req.url, 'http://localhost')
  if (pathname.startsWith('/api/')) return mock(req, res)
  const name = extname(pathname) ? normalize(pathname).replace(/^(\.\.[/\\])+/, '') : '/index.html'
  try {
    const body = await readFile(join(dist, name))
    res.writeHead(200, {
      'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
      'Content-Security-Policy': CSP,
      'X-Content-Type-Options': 'nosniff',
    })
    res.end(body)
  } catch {
    res.writeHead(404).end()
  }
}).listen(Number(process.argv[2] ?? 8090), '127.0.0.1', function () {
  console.log(`mock on http://127.0.0.1:${this.address().port}`)
})
