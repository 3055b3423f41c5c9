import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { storeContract } from "../../testing/contracts/store-contract.ts";
import { createVirtualClock } from "../../testing/virtual-clock.ts";
import { InlineStore } from "./fixtures/inline-store.ts";

/** Nothing may look at every row of a table that grows; only by an index that leaves out what is completed, or in no chain, or not waiting, for a count or the first. */
const scanned =
  /^SCAN (?:sora_actions|entry|sora_outbox|sora_parameters|sora_schedules)\b(?!.* USING (?:COVERING )?INDEX sora_(?:actions_stage|actions_timed|actions_chain|outbox_waiting|outbox_dead))/;

test("no statement of the store looks through rows that it does not need", async () => {
  using inline = new InlineStore();
  const prepare = vi.spyOn(DatabaseSync.prototype, "prepare");
  const create = async () => {
    const clock = createVirtualClock();
    const store = inline.empty(clock);
    return { open: async () => store, advance: (milliseconds: number) => clock.advance(milliseconds), [Symbol.asyncDispose]: async () => {} };
  };
  for (const { title, run } of storeContract({ create })) if (!/^(?:lifetimes|transactions)/.test(title)) await run();
  const statements = new Set(prepare.mock.calls.map(([sql]) => sql).filter(sql => /sora_/.test(sql) && !/^DELETE FROM sora_\w+$|sqlite_schema/.test(sql)));
  prepare.mockRestore();
  expect(statements.size).toBeGreaterThan(70);

  const scans = [...statements].flatMap(sql => inline.plan(sql).filter(step => scanned.test(step)).map(step => `${step}: ${sql}`)); // prettier-ignore
  expect(scans).toEqual([]);
});
