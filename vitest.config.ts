import { fileURLToPath } from "node:url";
import { sora } from "@sora/core/vite";
import { defineConfig } from "vitest/config";

/**
 * Three projects, run one after the other, since what spawns processes or measures time must not share two cores with the unit tests:
 * `unit` (*.test.ts: needs nothing), `servers` (*.int.test.ts: needs PostgreSQL or NATS) and `e2e` (*.e2e.test.ts: whole processes).
 * `SORA_NIGHTLY=1` has tests run at their full counts, so they may take as long as they need.
 */
export default defineConfig(() => {
  const nightly = process.env["SORA_NIGHTLY"] === "1";
  const seconds = (usual: number): number => (nightly ? 3_600_000 : usual * 1_000);
  const exclude = ["**/node_modules/**", "**/dist/**", "**/out/**"];
  return {
    test: {
      // Threads and processes that our own sources are run in strip their types anew otherwise, which takes a thread of the SQLite store longer than all it is tested for.
      env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("node_modules/.cache/node-compile", import.meta.url)) },
      projects: [
        {
          plugins: [sora()],
          test: {
            name: "unit",
            include: ["{packages/*/src,samples,tools,scripts,bench}/**/*.test.ts"],
            exclude: [...exclude, "**/*.int.test.ts", "**/*.e2e.test.ts", "tools/package-smoke/**"],
            // Files share their workers, which saves most of the time; at nightly counts each has its own, whose memory goes with it.
            isolate: nightly,
            maxWorkers: nightly ? 2 : "100%",
            testTimeout: seconds(10),
            hookTimeout: seconds(10),
            sequence: { groupOrder: 0 },
          },
        },
        {
          plugins: [sora()],
          test: {
            name: "servers",
            include: ["{packages/*/src,samples,e2e}/**/*.int.test.ts"],
            exclude,
            // They wait for their servers as much as they work.
            isolate: nightly,
            maxWorkers: nightly ? 1 : 2,
            maxConcurrency: 3,
            testTimeout: seconds(30),
            hookTimeout: seconds(30),
            sequence: { groupOrder: 1 },
          },
        },
        {
          plugins: [sora()],
          test: {
            name: "e2e",
            include: ["e2e/**/*.e2e.test.ts"],
            exclude,
            // They wait for processes more than they work, so two at a time do not get into each other's way.
            maxWorkers: nightly ? 1 : 2,
            testTimeout: seconds(60),
            hookTimeout: seconds(60),
            sequence: { groupOrder: 2 },
          },
        },
      ],
    },
  };
});
