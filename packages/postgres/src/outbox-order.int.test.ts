import { seededChance } from "@sora/core/testing";
import { afterAll, expect, test } from "vitest";
import { TestSchema } from "./fixtures/test-schema.ts";
import { noServer, whySkipped } from "./fixtures/test-server.ts";

const schema = new TestSchema();
afterAll(() => schema[Symbol.asyncDispose]());

test.skipIf(noServer)(`what is read is in order per key, whoever else reads, writes and fails meanwhile${whySkipped}`, { timeout: 60_000 }, async () => {
  const chance = seededChance(11);
  const [store, other] = [await schema.open({ listen: false }), await schema.open({ listen: false })];
  const each = 60;
  const keys = Array.from({ length: 40 }, (_, n) => `k${n}`);
  const writers = keys.map(async key => {
    for (let n = 0; n < each; n++) await store.outbox.append([{ id: `${key}/${n}`, topic: "t", key, envelope: "{}" }]);
  });
  let reading = true;
  const readers = [1, 2, 3].map(async () => {
    while (reading) await other.outbox.read(7);
  });
  const seen = new Map(keys.map(key => [key, [] as number[]]));
  for (let out = 0; out < each * keys.length;) {
    const published: number[] = [];
    const failed = new Map<string, number>();
    for (const { id, key = "", sequence } of await store.outbox.read(25)) {
      if (failed.has(key)) continue;
      if (chance.next() < 0.15) {
        failed.set(key, sequence);
        continue;
      }
      seen.get(key)?.push(Number(id.split("/")[1]));
      published.push(sequence);
    }
    const failures = Array.from(failed.values(), sequence => ({ sequence, error: "down", delay: chance.next() * 80, dead: false }));
    await store.outbox.report({ fence: 1, published, failed: failures });
    out += published.length;
  }
  reading = false;
  await Promise.all([...writers, ...readers]);
  expect([...seen.values()]).toEqual(keys.map(() => Array.from({ length: each }, (_, n) => n)));
});
