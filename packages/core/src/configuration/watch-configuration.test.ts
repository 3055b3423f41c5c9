import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { systemClock } from "../time/system-clock.ts";
import { loadConfiguration } from "./load-configuration.ts";
import { watchConfiguration } from "./watch-configuration.ts";
import { watchFiles } from "./watch-files.ts";

let contentRoot: string;
let file: string;
beforeEach(async () => {
  contentRoot = await mkdtemp(join(tmpdir(), "sora-watch-configuration-"));
  file = join(contentRoot, "appsettings.json");
});
afterEach(() => rm(contentRoot, { recursive: true }));

describe("watchConfiguration", () => {
  test("follows a file that is created, written, replaced by a rename, broken, mended and deleted", async () => {
    const reports: Error[] = [];
    let wake: () => void = () => {};
    const report = (error: Error): void => {
      reports.push(error);
      wake();
    };
    const root = await loadConfiguration({ contentRoot, env: {}, report });
    root.onChange(() => wake());
    await using _watch = await watchConfiguration(root, { clock: systemClock, debounce: 10 });

    /** Waits for the change to show, however many reloads that takes; the runner's own time limit bounds the wait. */
    const shows = async (expected: number | undefined, change: () => Promise<void>): Promise<void> => {
      await change();
      while (root.get("A") !== expected) await new Promise<void>(resolve => (wake = resolve));
    };
    const replace = async (text: string): Promise<void> => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    };
    await shows(1, () => writeFile(file, '{"A":1}'));
    await shows(2, () => writeFile(file, '{"A":2}'));
    await shows(3, () => replace('{"A":3}'));
    await shows(4, () => replace('{"A":4}'));
    await replace('{"A":');
    while (!reports.at(-1)?.message.includes('a closing "}"') && !reports.at(-1)?.message.includes("a JSON value"))
      await new Promise<void>(resolve => (wake = resolve));
    expect(root.get("A")).toBe(4);
    await shows(5, () => replace('{"A":5}'));
    await shows(6, () => writeFile(join(contentRoot, "appsettings.Development.json"), '{"A":6}'));
    await shows(5, () => rm(join(contentRoot, "appsettings.Development.json")));
    await shows(undefined, () => rm(file));
  });

  test("sees what changed between the loading and the watch", async () => {
    const root = await loadConfiguration({ contentRoot, env: {} });
    await writeFile(file, '{"A":1}');
    await using _watch = await watchConfiguration(root, { clock: systemClock });
    expect(root.get("A")).toBe(1);
  });
});

describe("watchFiles", () => {
  test("has nothing to wait for where there are no files", async () => {
    const watch = await watchFiles([], () => {}, { clock: createVirtualClock() });
    await expect(watch.close()).resolves.toBeUndefined();
  });

  test("waits on the given clock for the files to be quiet, and calls once for a burst", async () => {
    const clock = createVirtualClock();
    let armed: () => void = () => {};
    const seen = (): Promise<void> => new Promise(resolve => (armed = resolve));
    const observed = {
      ...clock,
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: clock.sleep.bind(clock),
      setTimer: (...timer: Parameters<typeof clock.setTimer>) => {
        armed();
        return clock.setTimer(...timer);
      },
    };
    let calls = 0;
    await writeFile(file, "0");
    // What is appended is one event; a file that is written anew is emptied first, which may be another, and come late.
    const watch = await watchFiles([file], () => void calls++, { clock: observed, debounce: "5s" });
    for (const text of ["1", "2"]) {
      const event = seen();
      await appendFile(file, text);
      await event;
      await clock.advance(4_999);
      expect(calls).toBe(0);
    }
    await clock.advance(1);
    expect(calls).toBe(1);

    const event = seen();
    await appendFile(file, "3");
    await event;
    await watch.close();
    await watch.close();
    await clock.advance("1h");
    expect(calls).toBe(1);
  });
});
