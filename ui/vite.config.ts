import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const src = fileURLToPath(new URL('./src', import.meta.url));

export default defineConfig({
  plugins: [svelte()],
  resolve: {
    alias: { '@': src },
    // Component tests mount in jsdom: take Svelte's browser build there too.
    conditions: process.env.VITEST ? ['browser'] : undefined,
  },
  clearScreen: false,
  // The chart's style rules live beside the crate that draws charts.
  server: { port: 5183, strictPort: true, fs: { allow: ['..'] } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['safari15', 'chrome105'],
    modulePreload: { polyfill: false },
  },
  test: {
    environment: 'jsdom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    // The screens under test read the fixtures instead of the shell.
    alias: [{ find: '@/ipc', replacement: fileURLToPath(new URL('./tests/preview/ipc.ts', import.meta.url)) }],
  },
});
