// How the window's pages are served while working on them, built and tested.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  // Tests compare the window’s words with the hints of the core, and its settings with what the terminal prints.
  server: { port: 5173, strictPort: true, host: "127.0.0.1", fs: { allow: [".", "../crates/core/src", "../tests/terminal/expected"] } },
  build: {
    target: ["safari16.4", "chrome111"],
    // The window's CSP allows nothing but files of its own: no data: addresses, no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test-setup.ts"],
    include: ["src/**/*.test.ts"],
    css: true,
  },
});
