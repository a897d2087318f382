import { paraglideVitePlugin } from '@inlang/paraglide-js'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type PluginOption } from 'vite'
import { compressed } from './scripts/compressed.ts'
import { stayAtHome } from './scripts/home.ts'
import { licences } from './scripts/licences.ts'
import { mock } from './mock/plugin.ts'

const backend = process.env.BACKEND ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base: '/',
  plugins: [
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/paraglide',
      // The interface sets the locale itself; no cookie, no address prefix.
      strategy: ['globalVariable', 'baseLocale'],
      emitTsDeclarations: false,
    }),
    svelte(),
    licences(),
    stayAtHome(),
    compressed(),
    process.env.MOCK ? mock() : undefined,
  ] as PluginOption[],
  build: {
    // Beside the page that is shown when the workbench was not built: Go embeds all of dist.
    outDir: 'dist/app',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing inline: the content security policy of the node allows files of its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: true,
  },
  server: {
    ...(process.env.MOCK ? {} : { proxy: { '/api': { target: backend, changeOrigin: false } } }),
  },
})
