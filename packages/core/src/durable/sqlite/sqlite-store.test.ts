import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { storeContract } from "../../testing/contracts/store-contract.ts";
import { InlineStore } from "./fixtures/inline-store.ts";
import { sqliteHarness } from "./fixtures/sqlite-harness.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";

/** What is about opening, bells, and many who ask at once; nightly it is all of it. A thread takes longer to start than most tests take. */
const aboutThreads = nightly ? /./ : /^(?:storing|lifetimes|transactions)/;

describe("createSqliteStore", () => {
  test.for(storeContract({ create: sqliteHarness }).filter(({ title }) => aboutThreads.test(title)))(
    "$title",
    async ({ run: assertKept, skip }, { skip: leave }) => {
      leave(skip !== undefined, skip);
      await assertKept();
    },
  );
});

describe("what the threads of createSqliteStore do", () => {
  const statements = new Set<string>();
  let inline: InlineStore;
  beforeAll(() => {
    inline = new InlineStore();
    const { prepare } = DatabaseSync.prototype;
    vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function prepared(this: DatabaseSync, sql) {
      statements.add(sql);
      return prepare.call(this, sql);
    });
  });
  afterAll(() => {
    vi.restoreAllMocks();
    inline[Symbol.dispose]();
  });

  const needsThreads = /^(?:lifetimes|transactions)/;
  test.for(storeContract({ create: async () => inline.harness() }).filter(({ title }) => !needsThreads.test(title)))("$title", async ({ run: assertKept }) => {
    await assertKept();
  });

  test("no statement looks through rows that it does not need", () => {
    const ours = [...statements].filter(sql => /\bsora_(?!schema\b)/.test(sql) && !/^DELETE FROM sora_\w+$/.test(sql)); // the last empty the store between tests
    expect(ours.length).toBeGreaterThan(70);
    expect(ours.flatMap(sql => inline.plan(sql).filter(step => scan.test(step)).map(step => `${step}: ${sql}`))).toEqual([]); // prettier-ignore
  });

  /** A scan of a table that grows, but for those of an index that has only what is not completed, or in a chain, or waiting: to count it, or for the first. */
  const scan =
    /^SCAN (?:sora_actions|sora_outbox|sora_parameters|sora_schedules|entry)\b(?!.* USING (?:COVERING )?INDEX sora_(?:actions_stage|actions_timed|actions_chain|outbox_waiting|outbox_held|outbox_parked|outbox_dead)\b)/;
});
