import { defineConfig } from "vite";

/** The server links the files that manifest.json names; nothing is inlined, because its policy forbids inline code. */
export default defineConfig({
  base: "/static/app/",
  build: {
    outDir: "../src/autocrine/web/static/app",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    rollupOptions: { input: "src/main.tsx" },
  },
});
