import { join } from "node:path";
import { expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { SoraHost } from "../host/sora-host.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import { temporaryFolder } from "./sqlite/fixtures/sqlite-harness.ts";
import { createSqliteStore } from "./sqlite/sqlite-store.ts";
import type { ActionContext } from "../actions/action-context.ts";

const odd = "a\u0000b\ud800c";

const work = defineService("Work", {
  runInTesting: true,
  actions: {
    returning: () => odd,
    throwing: () => {
      throw new Error(odd);
    },
    telling: (context: ActionContext) => context.progress({ [odd]: odd }),
  },
});

test.each([
  ["memory", () => createMemoryStore()],
  ["SQLite", (folder: string) => createSqliteStore({ file: join(folder, "sora.db") })],
] as const)("what is returned, thrown and told may have U+0000 and half a character in it: %s", async (_, create) => {
  using folder = temporaryFolder();
  await using host = await SoraHost.start({ services: [work], store: create(folder.path), signals: false, logger: false });
  const enqueue = (action: "returning" | "throwing" | "telling") => host.services(work).do(action).withRetry({ attempts: 1 }).enqueue();
  const [returning, throwing, telling] = [await enqueue("returning"), await enqueue("throwing"), await enqueue("telling")];
  expect(await returning.result()).toBe(odd);
  await expect(throwing.result()).rejects.toMatchObject({ code: "SORA_ACTION_DEAD" });
  expect((await host.actions.get(throwing.id))?.error?.message).toContain("a");
  await telling.result();
  expect((await host.actions.get(telling.id))?.progress).toEqual({ [odd]: odd });
});
