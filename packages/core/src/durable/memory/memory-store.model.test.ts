import { test } from "vitest";
import { storeModel } from "../../testing/contracts/store-model.ts";
import { memoryHarness } from "../../testing/contracts/memory-harness.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";

test.for([storeModel({ create: memoryHarness, sequences: nightly ? 100_000 : 1_000 })])(
  "createMemoryStore: $title",
  { timeout: nightly ? 3_600_000 : 60_000 },
  async ({ run: assertKept }) => {
    await assertKept();
  },
);
