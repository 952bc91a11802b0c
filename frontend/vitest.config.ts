// The tests need no DOM: what they try is logic, which keeps nothing of its own; so they share one process.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["tests/**/*.test.ts"], environment: "node", isolate: false },
});
