import { expect, test } from "vitest";
import { storeModel } from "../../testing/contracts/store-model.ts";
import { InlineStore } from "./fixtures/inline-store.ts";
import { sqliteHarness } from "./fixtures/sqlite-harness.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";
const timeout = nightly ? 3_600_000 : 60_000;

test("what the store's thread does: storing, claiming and settling go as the reference goes", { timeout }, async () => {
  using inline = new InlineStore();
  await expect(storeModel({ create: async () => inline.harness(), sequences: nightly ? 100_000 : 1_000 }).run()).resolves.toBeUndefined();
});

test("through threads of its own it goes the same", { timeout }, async () => {
  await expect(storeModel({ create: sqliteHarness, sequences: nightly ? 2_000 : 10 }).run()).resolves.toBeUndefined();
});
