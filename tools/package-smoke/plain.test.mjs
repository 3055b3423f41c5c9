import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { defineService, SoraHost } from "@sora/core";

test("every entry of the package loads", async () => {
  const { exports } = JSON.parse(readFileSync(new URL("node_modules/@sora/core/package.json", import.meta.url), "utf8"));
  for (const entry of Object.keys(exports)) assert.ok(await import(`@sora/core${entry.slice(1)}`), entry);
});

test("every class keeps its name", async () => {
  for (const [name, value] of Object.entries(await import("@sora/core"))) if (/^class\b/.test(String(value))) assert.equal(value.name, name);
});

test("a defined service starts, answers a call and stops, in plain JavaScript", async () => {
  const greeter = defineService("Greeter", { actions: { greet: async () => "hello" } });

  const host = await SoraHost.start({ services: [greeter], environment: "Development", signals: false });
  try {
    assert.equal(await host.services(greeter).do("greet").execute(), "hello");
  } finally {
    await host.stop();
  }
});
