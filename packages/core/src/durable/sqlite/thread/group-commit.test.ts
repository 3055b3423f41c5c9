import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { StoredAction } from "../../store/stored-action.ts";
import { createVirtualClock } from "../../../testing/virtual-clock.ts";
import type { VirtualClock } from "../../../testing/virtual-clock.ts";
import { seededChance } from "../../../time/chance.ts";
import { Connection } from "../connection/connection.ts";
import { temporaryFolder } from "../fixtures/sqlite-harness.ts";
import { GroupCommit } from "./group-commit.ts";
import type { ThreadRequest } from "./thread-protocol.ts";

const settings = { name: "SQLite x.db", lease: 15_000, busyTimeout: 50, chance: seededChance(1), role: "writer", synchronous: "normal" } as const;

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
let connection: Connection;
let clock: VirtualClock;
let group: GroupCommit;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, "x.db");
  connection = Connection.open({ ...settings, file }, 0);
  clock = createVirtualClock();
  group = new GroupCommit({ ...settings, connection, clock });
});
afterEach(() => {
  connection[Symbol.dispose]();
  folder[Symbol.dispose]();
});

function enqueue(id: string, more: object = {}): ThreadRequest {
  return ["actions", "enqueue", 0, [[{ id, queue: "S/a@1", envelope: "{}", priority: 0, attempts: 1, ...more }]]];
}

/** What the store refuses: two actions, the second of which has no priority. */
function half(id: string): ThreadRequest {
  return [
    "actions",
    "enqueue",
    0,
    [
      [
        { id, queue: "New/a@1", envelope: "{}", priority: 0, attempts: 1 },
        { id: `${id}'`, queue: "S/a@1", envelope: "{}", priority: Number.NaN, attempts: 1 },
      ],
    ],
  ];
}

function stored(): string[] {
  const { values } = group.commit([["actions", "list", 0, [{}]]]);
  return (values[0] as { readonly actions: readonly StoredAction[] }).actions.map(({ id }) => id).toReversed();
}

describe("GroupCommit", () => {
  test("carries out all that wait in one transaction, in order", () => {
    const commit = vi.spyOn(connection, "commit");
    const ids = Array.from({ length: 20 }, (_, n) => `${n}`);
    const { values, errors, bells } = group.commit(ids.map(id => enqueue(id)));
    expect(values).toEqual(ids.map(id => [{ id, outcome: "stored" }]));
    expect(errors.size).toBe(0);
    expect(bells).toEqual([{ kind: "ready" }]);
    expect(commit).toHaveBeenCalledTimes(1);
    expect(stored()).toEqual(ids);
  });

  test("undoes all of a request that fails, and none of its neighbours", () => {
    const { values, errors } = group.commit([enqueue("a"), half("b"), enqueue("c")]); // up to the one that failed
    expect(values).toEqual([[{ id: "a", outcome: "stored" }], undefined]);
    expect([...errors.keys()]).toEqual([1]);
    expect(errors.get(1)).toMatchObject({ code: "SORA_STORE_UNAVAILABLE", retryable: false, message: expect.stringContaining("priority") });
    expect(group.commit([half("b"), enqueue("c")]).errors.has(0)).toBe(true);
    expect(group.commit([enqueue("c"), enqueue("d"), half("e"), half("f"), enqueue("g")]).values.length).toBe(3);
    expect(stored()).toEqual(["a", "c", "d"]);
    // The queue that was new in what was undone is given its number again.
    expect(group.commit([enqueue("e", { queue: "New/a@1" })]).errors.size).toBe(0);
    expect(group.commit([["actions", "get", 0, [["e"]]]]).values[0]).toMatchObject([{ id: "e", queue: "New/a@1" }]);
  });

  test("answers a request that fails alone, and those after it by themselves", () => {
    expect(group.commit([half("a"), enqueue("b")])).toMatchObject({
      values: [undefined],
      errors: new Map([[0, { code: "SORA_STORE_UNAVAILABLE" }]]),
      bells: [],
    });
    expect(stored()).toEqual([]);
  });

  test("takes up no more once a transaction has lasted for 10 ms", () => {
    const times = [0, 4, 9, 10, 11];
    vi.spyOn(clock, "monotonic").mockImplementation(() => times.shift() as number);
    const requests = Array.from({ length: 5 }, (_, n) => enqueue(`${n}`));
    expect(group.commit(requests).values.length).toBe(3);
    expect(stored()).toEqual(["0", "1", "2"]);
  });

  test("has what comes meanwhile join a transaction that writes, and none that only reads, which would not see what was written since", () => {
    const commit = vi.spyOn(connection, "commit");
    const paused: ThreadRequest = ["actions", "paused", 0, []];
    const joined = (first: ThreadRequest, ...later: readonly ThreadRequest[]): number => {
      const all = [first];
      return group.commit({ length: 1, at: index => (index >= all.length ? (all.push(...later.slice(index - 1, index)), all[index]) : all[index]) }).values
        .length;
    };
    expect(joined(enqueue("a"), enqueue("b"), paused, enqueue("c"))).toBe(4);
    expect(commit).toHaveBeenCalledTimes(1);
    expect(joined(paused, paused)).toBe(1);
    expect(joined(paused, enqueue("d"))).toBe(1);
    expect(joined(enqueue("d"), half("e"))).toBe(2); // up to the one that fails
    expect(stored()).toEqual(["a", "b", "c", "d"]);
  });

  describe("while somebody else has the file locked", () => {
    let other: DatabaseSync;
    beforeEach(() => {
      other = new DatabaseSync(file);
      other.exec("BEGIN IMMEDIATE");
    });
    afterEach(() => other.close());

    test("refuses what would write once the time for waiting is over, and goes on afterwards", () => {
      const { values, errors } = group.commit([enqueue("a"), enqueue("b")]);
      expect(values).toEqual([undefined, undefined]);
      expect(errors.get(1)).toMatchObject({
        code: "SORA_STORE_UNAVAILABLE",
        retryable: true,
        message: "Cannot use SQLite x.db: another process, or a transaction that this one has open, keeps it locked (Error: database is locked).",
        fix: expect.stringContaining("busyTimeout"),
      });
      other.exec("ROLLBACK");
      expect(group.commit([enqueue("a")]).errors.size).toBe(0);
    });

    test("reads what is committed", () => {
      expect(
        group.commit([
          ["actions", "get", 0, [["a"]]],
          ["actions", "paused", 0, []],
        ]),
      ).toMatchObject({ values: [[], []] });
    });
  });

  test("refuses everything on a full disk, with nothing half done, and goes on when there is room", () => {
    group.commit([enqueue("before")]);
    connection.sql.run("PRAGMA wal_checkpoint(TRUNCATE)");
    const [pages] = connection.sql.get<[number]>("PRAGMA page_count") as [number];
    connection.sql.get(`PRAGMA max_page_count = ${pages + 2}`);
    const requests = [enqueue("a"), enqueue("b", { parameters: "x".repeat(100_000) }), enqueue("c")];
    const answers: unknown[] = [];
    const failures: unknown[] = [];
    for (let rest = requests; rest.length > 0;) {
      const { values, errors } = group.commit(rest);
      answers.push(...values);
      failures.push(...errors.values());
      rest = rest.slice(values.length);
    }
    expect(answers.length).toBe(3);
    expect(failures[0]).toMatchObject({
      code: "SORA_STORE_UNAVAILABLE",
      retryable: true,
      message: "Cannot use SQLite x.db: the disk is full (Error: database or disk is full).",
      fix: expect.stringContaining("room"),
    });
    expect(stored()).toEqual(["before", ...["a", "b", "c"].filter((_, index) => answers[index] !== undefined)]);
    expect(stored()).not.toContain("b");
    connection.sql.get("PRAGMA max_page_count = 1000000");
    expect(group.commit([enqueue("later")]).errors.size).toBe(0);
  });
});
