import { defineService, SoraHost } from "@sora/core";
import type { ActionContext, ActionReceipt } from "@sora/core";
import { systemClock } from "@sora/core/adapter";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { TestSchema } from "../fixtures/test-schema.ts";
import { noServer, whySkipped } from "../fixtures/test-server.ts";

const odd = "a\u0000b\ud800c";
let release: () => void;
let held: Promise<void>;

const work = defineService("Work", {
  runInTesting: true,
  actions: {
    returning: () => odd,
    throwing: () => {
      throw new Error(odd);
    },
    telling: async (context: ActionContext) => {
      context.progress({ [odd]: odd });
      await held;
    },
    good: () => "good",
    bad: () => "bad",
  },
});

describe.skipIf(noServer)(`outcomes on PostgreSQL${whySkipped}`, () => {
  let schema: TestSchema;
  let host: SoraHost;

  beforeEach(async () => {
    ({ promise: held, resolve: release } = Promise.withResolvers<void>());
    schema = new TestSchema();
    host = await SoraHost.start({ services: [work], store: schema.store(), signals: false, logger: false });
  });
  afterEach(async () => {
    release();
    await host.stop();
    await schema[Symbol.asyncDispose]();
  });

  const enqueue = (action: "returning" | "throwing" | "telling" | "good" | "bad"): Promise<ActionReceipt> =>
    host.services(work).do(action).withRetry({ attempts: 1 }).enqueue();

  async function outcome({ id }: ActionReceipt) {
    const end = systemClock.monotonic() + 5_000;
    for (;;) {
      const action = await host.actions.get(id);
      if (action === undefined || action.state === "completed" || action.state === "dead" || systemClock.monotonic() > end) return action;
      await systemClock.sleep(10);
    }
  }

  test("may say anything: U+0000 and half a character are returned, told, and replaced in what is thrown", async () => {
    const [returning, throwing, telling] = [await enqueue("returning"), await enqueue("throwing"), await enqueue("telling")];
    expect(await returning.result()).toBe(odd);
    expect(await outcome(throwing)).toMatchObject({ state: "dead", error: { message: expect.stringContaining("a\uFFFDb\uFFFDc") as string } });
    await expect.poll(async () => (await host.actions.get(telling.id))?.progress).toEqual({ [odd]: odd });
    release();
    expect(await outcome(telling)).toMatchObject({ state: "completed" });
  });

  test("that PostgreSQL refuses are failures that say so, and keep no other from being written", async () => {
    await schema.pool.query(`ALTER TABLE ${schema.quoted}.finished ADD CHECK (result <> '"bad"')`);
    const receipts = await Promise.all((["good", "bad", "good", "good", "bad"] as const).map(enqueue));
    const outcomes = await Promise.all(receipts.map(outcome));
    expect(outcomes.map(action => action?.state)).toEqual(["completed", "dead", "completed", "completed", "dead"]);
    expect(outcomes[1]).toMatchObject({ error: { code: "SORA_RESULT_NOT_SERIALIZABLE", attempt: 1 } });
    expect(await (await enqueue("good")).result()).toBe("good");
  });
});
