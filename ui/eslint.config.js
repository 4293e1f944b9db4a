import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

/** kit ← parts ← screens ← frame: nothing imports from a layer to its right. */
const layers = ['kit', 'parts', 'screens', 'frame'];
const layering = layers.map((layer, i) => ({
  files: [`src/${layer}/**`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        paths: [{ name: '@tauri-apps/api', message: 'Only ipc.ts talks to the shell.' }],
        patterns: [
          { group: ['@tauri-apps/*'], message: 'Only ipc.ts talks to the shell.' },
          ...layers
            .slice(i + 1)
            .map((above) => ({ group: [`@/${above}/*`], message: `${layer} may not use ${above}.` })),
          ...(layer === 'kit'
            ? [{ group: ['@/ipc', '@/state/*'], message: 'The kit knows neither the shell nor the workspace.' }]
            : []),
        ],
      },
    ],
  },
}));

export default ts.config(
  { ignores: ['dist/', 'dist-preview/', 'src/bindings/', 'node_modules/'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] } },
  },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-undef': 'off',
      'svelte/require-each-key': 'error',
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  // The SVG comes from our own core, never from a file or a person.
  { files: ['src/kit/ChartFrame.svelte'], rules: { 'svelte/no-at-html-tags': 'off' } },
  ...layering,
);
