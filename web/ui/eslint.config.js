import js from '@eslint/js'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'
import svelteConfig from './svelte.config.js'

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/paraglide', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      // The type checker knows undefined names better.
      'no-undef': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      // Our router takes plain addresses; there is no SvelteKit here.
      'svelte/no-navigation-without-resolve': 'off',
      // Every State takes its page as a snippet, with or without the data; they stay alike.
      'svelte/no-useless-children-snippet': 'off',
      'max-lines': ['error', { max: 500 }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
    rules: { 'max-lines': ['error', { max: 300 }] },
  },
  { files: ['public/boot.js'], languageOptions: { sourceType: 'script' }, rules: { 'no-var': 'off' } },
)
