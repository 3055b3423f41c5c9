import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { DurableStore } from "@sora/core/adapter";
import { createSqliteStore } from "@sora/core/sqlite";
import { createMemoryLogger, createVirtualClock } from "@sora/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HostProcess } from "./host-process.ts";

// What several processes make of one SQLite file, and what a process that is killed leaves in it.
const nightly = process.env["SORA_NIGHTLY"] === "1";
const kills = nightly ? 1_000 : 20;
const together = 4;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sora-sqlite-e2e-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function open(file: string): Promise<DurableStore> {
  const store = createSqliteStore({ file });
  await store.open({ clock: createVirtualClock({ start: Date.now() }), logger: createMemoryLogger() });
  return store;
}

const queue = "Service/work@1";
const action = (id: string) => ({ id, queue, envelope: "{}", priority: 0, attempts: 1 });

describe("three processes that claim from one file", () => {
  test("are given each of 5,000 actions once, while these are being enqueued", async () => {
    const file = join(folder, "claims.db");
    await using store = await open(file);
    await using one = new HostProcess("sqlite", "claim", file, "one");
    await using two = new HostProcess("sqlite", "claim", file, "two");
    await using three = new HostProcess("sqlite", "claim", file, "three");
    const claimers = [one, two, three];
    await Promise.all(claimers.map(claimer => claimer.says("ready")));

    const ids = Array.from({ length: 5_000 }, (_, n) => `a${n}`);
    const enqueue = async (lane: number): Promise<void> => {
      for (let n = lane; n < ids.length; n += 50) await store.actions.enqueue([action(ids[n] as string)]);
    };
    await Promise.all(Array.from({ length: 50 }, (_, lane) => enqueue(lane)));
    await store.leases.acquire("enough", "test", 3_600_000);

    expect(await Promise.all(claimers.map(({ ended }) => ended))).toEqual([0, 0, 0].map(code => expect.objectContaining({ code })));
    const claimed = claimers.map(claimer => claimer.said("claimed")[0] as string[]);
    expect(claimed.flat().toSorted()).toEqual(ids.toSorted());
    expect(claimers.flatMap(claimer => claimer.said("refused"))).toEqual([]);
    expect(Math.min(...claimed.map(({ length }) => length))).toBeGreaterThan(0);
    expect(await store.actions.counts()).toEqual([]); // all are completed
  });
});

describe("a process that is killed while it enqueues", () => {
  test(`leaves every action whose storing was acknowledged, ${kills} times`, { timeout: nightly ? 3_600_000 : 60_000 }, async () => {
    const file = join(folder, "killed.db");
    const acknowledged: string[] = [];
    for (let round = 0; round < kills / together; round++) {
      // Several at once, so that one is killed while the others write.
      await Promise.all(
        Array.from({ length: together }, async (_, n) => {
          await using enqueuer = new HostProcess("sqlite", "enqueue", file, `${round}-${n}`);
          await enqueuer.says("stored");
          await new Promise(resolve => setTimeout(resolve, Math.random() * 100));
          enqueuer.kill("SIGKILL");
          expect({ ...(await enqueuer.ended), errors: enqueuer.errors }).toMatchObject({ signal: "SIGKILL", errors: "" });
          acknowledged.push(...(enqueuer.said("stored") as string[]));
        }),
      );
    }
    await using store = await open(file);
    const stored = new Set((await store.actions.get(acknowledged)).map(({ id }) => id));
    expect(acknowledged.filter(id => !stored.has(id))).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(kills);
    using database = new DatabaseSync(file);
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  });
});

describe("processes that open a new file at the same moment", () => {
  test("make its schema once, and all of them work with it", async () => {
    const file = join(folder, "new", "folder", "race.db");
    const at = Date.now() + 1_500;
    const names = Array.from({ length: 6 }, (_, n) => `${n}`);
    await using stack = new AsyncDisposableStack();
    const openers = names.map(name => stack.use(new HostProcess("sqlite", "open", file, `${at}/${name}`)));
    expect(await Promise.all(openers.map(({ ended }) => ended))).toEqual(names.map(() => expect.objectContaining({ code: 0 })));
    await using store = await open(file);
    expect((await store.actions.get(names)).map(({ id }) => id).toSorted()).toEqual(names);
  });
});

describe("a process that has opened a store and does nothing", () => {
  test("has loaded node:sqlite for the opening only, waits for what it has asked, and ends by itself", async () => {
    await using idle = new HostProcess("sqlite", "idle", join(folder, "idle.db"), "last");
    expect(await idle.ended).toMatchObject({ code: 0 });
    expect(idle.said("loaded")).toEqual([false]);
    expect(idle.said("stored")).toEqual(["last"]);
  });
});

/** Why nobody else could be sent to try: the root user writes everywhere, and another may not even read a checkout in a folder that is root's alone. */
const whyNobody =
  process.platform === "win32"
    ? "Windows has no such rights"
    : process.getuid?.() === 0 && !isOpenToAll(import.meta.dirname)
      ? "only root can read this checkout"
      : undefined;

function isOpenToAll(folder: string): boolean {
  const parent = dirname(folder);
  return (statSync(folder).mode & 0o005) === 0o005 && (parent === folder || isOpenToAll(parent));
}

describe.skipIf(whyNobody !== undefined)(`a user who has no right to write${whyNobody === undefined ? "" : ` (skipped: ${whyNobody})`}`, () => {
  test.for([
    ["to the file", (place: string) => chmodSync(join(place, "sora.db"), 0o444)],
    ["to its folder", (place: string) => chmodSync(place, 0o555)],
    ["to any of both", (place: string) => [chmodSync(join(place, "sora.db"), 0o444), chmodSync(place, 0o555)]],
  ] as const)("%s is told so, with what to do", async ([, forbid]) => {
    const place = mkdtempSync(join(folder, "rights-"));
    const file = join(place, "sora.db");
    await (await open(file))[Symbol.asyncDispose]();
    chmodSync(folder, 0o755);
    chmodSync(place, 0o777);
    chmodSync(file, 0o666);
    forbid(place);
    try {
      await using user = new HostProcess("sqlite", "unprivileged", file, "never");
      expect(await user.ended).toMatchObject({ code: 0 });
      expect(user.said("refused")).toEqual([
        { code: "SORA_STORE_UNAVAILABLE", message: expect.stringContaining(file), fix: expect.stringMatching(/right|write/), retryable: false },
      ]);
    } finally {
      chmodSync(place, 0o777);
    }
  });

  test("to the folder that a new one would be in is told so too", async () => {
    const place = mkdtempSync(join(folder, "rights-"));
    chmodSync(folder, 0o755);
    chmodSync(place, 0o555);
    await using user = new HostProcess("sqlite", "unprivileged", join(place, "new", "sora.db"), "never");
    expect(await user.ended).toMatchObject({ code: 0 });
    expect(user.said("refused")).toMatchObject([{ code: "SORA_STORE_UNAVAILABLE", retryable: false }]);
  });
});
