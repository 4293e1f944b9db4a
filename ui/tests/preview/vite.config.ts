import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** The app with its shell replaced by the fixtures. Never part of `npm run build`. */
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export default defineConfig({
  root: at('.'),
  base: './',
  plugins: [svelte({ configFile: at('../../svelte.config.js') })],
  resolve: {
    alias: [
      { find: '@/ipc', replacement: at('./ipc.ts') },
      { find: '@', replacement: at('../../src') },
    ],
  },
  server: { port: 5184, strictPort: true, fs: { allow: [at('../../..')] } },
  build: { outDir: process.env.PREVIEW_OUT ?? at('../../dist-preview'), emptyOutDir: true },
});
