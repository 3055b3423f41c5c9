import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { defineService, SoraHost } from "@sora/core";

test("every entry of the package loads", async () => {
  const { exports } = JSON.parse(readFileSync(new URL("node_modules/@sora/core/package.json", import.meta.url), "utf8"));
  for (const entry of Object.keys(exports)) assert.ok(await import(`@sora/core${entry.slice(1)}`), entry);
});

test("no line of the code is so long that an error thrown in it fills the screen", () => {
  const dist = new URL("node_modules/@sora/core/dist/", import.meta.url);
  const files = globSync("**/*.js", { cwd: fileURLToPath(dist) });
  assert.ok(files.length > 0);
  for (const file of files) for (const line of readFileSync(new URL(file, dist), "utf8").split("\n")) assert.ok(line.length < 1_000, file);
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
