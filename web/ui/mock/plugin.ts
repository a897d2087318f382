import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'

type Handler = (req: IncomingMessage, res: ServerResponse) => Promise<void>

/** `npm run mock`: the development server answers /api itself, from the invented fixtures beside this file. */
export function mock(): Plugin {
  return {
    name: 'sarhad-mock',
    async configureServer(server) {
      // Plain JavaScript, so that the stand-alone server runs it without a build.
      const { createMock } = (await import('./api.mjs')) as unknown as { createMock: () => Handler }
      const handle = createMock()
      server.middlewares.use((req, res, next) => {
        if (req.url?.startsWith('/api/')) void handle(req, res)
        else next()
      })
    },
  }
}
