// How the page is built: one shell, and a chunk for Markdown that loads behind it.
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "safari17.5", "firefox120"],
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    license: { fileName: "licences.md" }, // of the packages that are in it, in full
  },
  server: { host: "127.0.0.1" },
});
