import { appendFile, mkdir, mkdtemp, realpath, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createVirtualClock } from "@sora/core/testing";
import { systemClock } from "../context/system-clock.ts";
import { watchForChanges } from "./watch-for-changes.ts";
import type { Clock } from "@sora/core/adapter";
import type { ChangeWatch } from "./watch-for-changes.ts";

let folder: string;
let watch: ChangeWatch;
let changes: string[];
let next = Promise.withResolvers<string>();

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "sora-watch-")));
  await mkdir(join(folder, "services", "deep"), { recursive: true });
  await mkdir(join(folder, "services", "node_modules"));
  await writeFile(join(folder, "a.ts"), "1");
  await writeFile(join(folder, "appsettings.json"), "{}");
  changes = [];
  await watchOn(systemClock);
});
afterEach(async () => {
  await watch.close();
  await rm(folder, { recursive: true });
});

async function watchOn(clock: Clock): Promise<void> {
  watch = watchForChanges(
    [
      { folder: join(folder, "services"), names: /\.service\.ts$/, deep: true },
      { folder, names: /^appsettings.*\.json$/, deep: false },
    ],
    clock,
    file => {
      changes.push(file);
      next.resolve(file);
    },
  );
  watch.add(join(folder, "a.ts"));
  watch.add(join(folder, "missing.ts"));
  await watch.ready;
}

async function changeAfter(act: () => Promise<unknown>): Promise<string> {
  next = Promise.withResolvers();
  await act();
  return next.promise;
}

describe("watchForChanges", () => {
  test("sees every save of a file: written, touched, and replaced by a rename, again and again", async () => {
    const file = join(folder, "a.ts");
    expect(await changeAfter(() => writeFile(file, "2"))).toBe(file);
    for (let save = 3; save < 6; save++) {
      expect(
        await changeAfter(async () => {
          await writeFile(join(folder, "a.ts.tmp"), String(save));
          await rename(join(folder, "a.ts.tmp"), file);
        }),
      ).toBe(file);
    }
    expect(await changeAfter(() => utimes(file, new Date(), new Date(0)))).toBe(file);
    expect(await changeAfter(() => writeFile(file, "7"))).toBe(file);
  });

  test("sees files that appear, where they were named or match, and those that go", async () => {
    expect(await changeAfter(() => writeFile(join(folder, "missing.ts"), ""))).toBe(join(folder, "missing.ts"));
    expect(await changeAfter(() => writeFile(join(folder, "services", "deep", "new.service.ts"), ""))).toBe(join(folder, "services", "deep", "new.service.ts"));
    expect(await changeAfter(() => writeFile(join(folder, "appsettings.Testing.json"), "{}"))).toBe(join(folder, "appsettings.Testing.json"));
    expect(await changeAfter(() => rm(join(folder, "services", "deep", "new.service.ts")))).toBe(join(folder, "services", "deep", "new.service.ts"));
  });

  test("takes a burst of writes as one change", async () => {
    await watch.close();
    const clock = createVirtualClock();
    const setTimer = vi.spyOn(clock, "setTimer");
    await watchOn(clock);
    for (let i = 0; i < 5; i++) {
      const before = setTimer.mock.calls.length;
      await appendFile(join(folder, "a.ts"), String(i));
      await vi.waitFor(() => expect(setTimer.mock.calls.length).toBeGreaterThan(before), { timeout: 5_000, interval: 5 });
      await clock.advance(59);
    }
    expect(changes).toEqual([]);
    await clock.advance(1);
    expect(changes).toEqual([join(folder, "a.ts")]);
  });

  test("is blind to all else", async () => {
    for (const other of ["services/readme.md", "services/node_modules/x.service.ts", "other.json", "services/appsettings.json"])
      await writeFile(join(folder, other), "");
    await changeAfter(() => appendFile(join(folder, "a.ts"), "2"));
    expect(await changeAfter(() => writeFile(join(folder, "appsettings.json"), "{ }"))).toBe(join(folder, "appsettings.json"));
    expect(changes).toEqual([join(folder, "a.ts"), join(folder, "appsettings.json")]);
  });
});
