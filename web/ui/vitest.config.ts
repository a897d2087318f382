import { defineConfig } from 'vitest/config'

/** The tests are of plain TypeScript: no plugins, so they start at once and end by themselves. */
export default defineConfig({
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
})
