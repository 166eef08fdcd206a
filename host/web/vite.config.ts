import {defineConfig, loadEnv} from 'vite';

const host = loadEnv('', '.', 'DAVY_')['DAVY_URL'] ?? 'https://127.0.0.1:8443';

// One script, one style sheet, one worker and an icon: nothing is fetched later, so a page that stays open
// for months never asks a newer host for a file of an older build. Nothing is inlined, so the page runs under
// default-src 'self'.
export default defineConfig({
  base: '/',
  build: {
    target: ['es2022', 'chrome100', 'firefox100', 'safari16'],
    assetsInlineLimit: 0,
    modulePreload: {polyfill: false},
    cssCodeSplit: false,
    sourcemap: false,
    reportCompressedSize: false,
  },
  esbuild: {legalComments: 'none'},
  worker: {format: 'es'},
  // `npm run dev` beside a running host: the page comes from vite, the API from the host.
  server: {proxy: {'/api': {target: host, secure: false, ws: true}}},
});
