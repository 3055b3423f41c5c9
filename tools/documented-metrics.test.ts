import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMemoryStore, defineService } from "@sora/core";
import { controlOf } from "@sora/core/adapter";
import { createTestHost } from "@sora/core/testing";
import { expect, test } from "vitest";

const guide = fileURLToPath(new URL("../docs/guide", import.meta.url));
const metric = /(?<![#\w])sora_[a-z]\w*/g;

/** The metrics that a page of the guide speaks of. */
function spokenOf(page: string): readonly string[] {
  const names = readFileSync(join(guide, page), "utf8").match(metric) ?? [];
  return [...new Set(names.map(name => name.replace(/_(?:bucket|sum|count)$/, "")))];
}

test("docs/guide/watching.md lists every metric of a host, and no page of the guide speaks of another", async () => {
  const service = defineService("Report", { every: "1m", actions: { send: async () => {} }, execute: async () => {} });
  await using host = await createTestHost({ services: [service], store: createMemoryStore() });
  await host.services(service).do("send").enqueue();

  const told = (await controlOf(host).metrics().collectWithStore()).map(({ name }) => name);

  expect(told.filter(name => !spokenOf("watching.md").includes(name))).toEqual([]);
  for (const page of globSync("*.md", { cwd: guide }))
    expect({ page, unknown: spokenOf(page).filter(name => !told.includes(name)) }).toEqual({ page, unknown: [] });
});
