import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("node_modules/@sora/cli/bin/sora.js", import.meta.url));
const folder = fileURLToPath(new URL("cli-services/", import.meta.url));

const sora = (...args) => spawnSync(process.execPath, [bin, ...args], { encoding: "utf8" });

test("sora starts a folder of decorated TypeScript, asks it, and ends it", { timeout: 30_000 }, async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${folder}/greeter.service.ts`,
    `import { ServiceAction, SoraBackgroundService, SoraFluentServiceBase } from "@sora/core";
    @SoraBackgroundService() export class Greeter extends SoraFluentServiceBase { @ServiceAction("say-hello") async sayHello(): Promise<string> { return "hello"; } }`,
  );
  const host = spawn(process.execPath, [bin, "run", folder, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const url = await new Promise(resolve => {
      let out = "";
      host.stdout.setEncoding("utf8").on("data", text => {
        out += text;
        const found = /listens at (\S+)/.exec(out);
        if (found !== null) resolve(found[1]);
      });
    });
    assert.deepEqual(
      { ...sora("do", "greeter", "say-hello", "--url", url), pid: 0, output: 0 },
      { status: 0, signal: null, stdout: "hello\n", stderr: "", pid: 0, output: 0 },
    );
  } finally {
    host.kill("SIGTERM");
    const [code] = await once(host, "close");
    assert.equal(code, 0);
  }
});

test("sora writes from its templates, and knows its version", () => {
  assert.equal(sora("new", "app", "cli-app").status, 0);
  assert.ok(existsSync("cli-app/.gitignore"));
  assert.match(sora("--version").stdout, /^\d+\.\d+\.\d+\n$/);
});
