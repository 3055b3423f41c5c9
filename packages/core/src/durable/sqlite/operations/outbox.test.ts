import { expect, test } from "vitest";
import { InlineStore } from "../fixtures/inline-store.ts";

/** Milliseconds that this thread has been at work, to which nothing adds that the machine does besides. */
const worked = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

test("readEntries gives what comes before one of its key that failed, and nothing behind it", async () => {
  using inline = new InlineStore();
  const harness = inline.harness();
  const { outbox } = await harness.open();
  await outbox.append(["a", "b", "c"].map(id => ({ id, topic: "t", key: "k", envelope: "{}" })));
  const [, second] = await outbox.read(10);
  await outbox.report({ fence: 1, published: [], failed: [{ sequence: second!.sequence, error: "no", delay: 1_000, dead: false }] });
  expect((await outbox.read(10)).map(({ id }) => id)).toEqual(["a"]);
  await harness.advance(1_000);
  expect((await outbox.read(10)).map(({ id }) => id)).toEqual(["a", "b", "c"]);
});

test("readEntries costs the same however many stand behind one of their key that failed, once they have been passed", async () => {
  using inline = new InlineStore();
  const { outbox } = await inline.harness().open();
  const entries = (prefix: string, key: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ id: `${prefix}${n}`, topic: "t", key, envelope: "{}" }));
  const reading = async (): Promise<number> => {
    const began = worked();
    for (let n = 0; n < 20; n++) expect((await outbox.read(50)).map(({ key }) => key)).toEqual(Array(50).fill("free"));
    return Math.max(worked() - began, 10); // some systems count by so many
  };
  await outbox.append(entries("few", "held", 10));
  const [first] = await outbox.read(1);
  await outbox.report({ fence: 1, published: [], failed: [{ sequence: first!.sequence, error: "no", delay: 1_000, dead: false }] });
  await outbox.append(entries("free", "free", 50));
  const few = await reading();
  await outbox.report({ fence: 1, published: (await outbox.read(50)).map(({ sequence }) => sequence), failed: [] });
  await outbox.append(entries("many", "held", 50_000));
  await outbox.append(entries("free", "free", 50));
  for (let n = 0; n < 4; n++) await outbox.read(50);
  expect(await reading()).toBeLessThan(few * 10); // passing them takes a hundred times as long
});

test("readEntries looks at no key that was held up, once what stood behind its first one can be read out in one go", async () => {
  using inline = new InlineStore();
  const harness = inline.harness();
  const { outbox } = await harness.open();
  const keys = Array.from({ length: 300 }, (_, n) => `k${n}`);
  const behind = (): number => inline.select("SELECT count(*) FROM sora_outbox WHERE parked = 1")[0]?.[0] as number;
  await outbox.append(keys.map(key => ({ id: `first ${key}`, topic: "t", key, envelope: "{}" })));
  const failed = (await outbox.read(300)).map(({ sequence }) => ({ sequence, error: "no", delay: 1_000, dead: false }));
  await outbox.report({ fence: 1, published: [], failed });
  await outbox.append(keys.map(key => ({ id: `second ${key}`, topic: "t", key, envelope: "{}" })));
  expect(await outbox.read(10)).toEqual([]);
  expect(behind()).toBe(300);
  await harness.advance(1_001);
  expect((await outbox.read(10)).map(({ id }) => id)).toEqual(keys.slice(0, 10).map(key => `first ${key}`));
  expect(behind()).toBe(0);
  await outbox.report({ fence: 1, published: [], failed: failed.slice(0, 1) });
  expect((await outbox.read(1_000)).map(({ id }) => id)).not.toContain("second k0");
  expect(behind()).toBe(1);
});
