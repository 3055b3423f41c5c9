import { expect, test } from "vitest";
import { InlineStore } from "../fixtures/inline-store.ts";

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
