import { createVirtualClock } from "@sora/core/testing";
import { expect, test } from "vitest";
import { plain } from "./paint.ts";
import { withSpinner } from "./spinner.ts";
import type { CommandContext } from "../context/command-context.ts";

test("withSpinner shows that work goes on once it takes a while, and leaves nothing behind", async () => {
  const clock = createVirtualClock();
  let shown = "";
  const context = { stderr: { isTTY: true, write: (text: string) => (shown += text) }, clock } as unknown as CommandContext;
  const work = Promise.withResolvers<string>();
  const spinning = withSpinner("S.work", context, plain, work.promise);
  await clock.advance(299);
  expect(shown).toBe("");
  await clock.advance(901);
  expect(shown.split("\r").at(-1)).toMatch(/S\.work 1\.2 s$/);
  work.resolve("done");
  expect(await spinning).toBe("done");
  expect(shown.endsWith("\r\u001B[2K")).toBe(true);
  expect(clock.pending).toBe(0);
});

test("withSpinner is silent where standard error is no terminal", async () => {
  let shown = "";
  const clock = createVirtualClock();
  const context = { stderr: { write: (text: string) => (shown += text) }, clock } as unknown as CommandContext;
  const work = Promise.withResolvers<void>();
  const spinning = withSpinner("S.work", context, plain, work.promise);
  await clock.advance("10s");
  work.reject(new Error("no"));
  await expect(spinning).rejects.toThrow("no");
  expect(shown).toBe("");
});
