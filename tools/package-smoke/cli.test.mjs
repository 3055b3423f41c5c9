import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
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

test(
  "sora new app writes a project whose npm start, npm test and npm run check work with the packages as they are published",
  { timeout: 120_000 },
  async () => {
    assert.equal(sora("new", "app", "cli-app").status, 0);
    assert.match(readFileSync("cli-app/.gitignore", "utf8"), /^node_modules$/m);
    // npm finds what is installed in the folder above, as Node does
    const npm = (...args) => spawnSync("npm", args, { cwd: "cli-app", encoding: "utf8", shell: process.platform === "win32" });
    const tested = npm("test");
    assert.equal(tested.status, 0, tested.stdout + tested.stderr);
    assert.match(tested.stdout, /2 passed/);
    const checked = npm("run", "check");
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);

    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const started = spawn("npm", ["start"], {
      cwd: "cli-app",
      env: { ...process.env, PORT: String(port) },
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    try {
      let out = "";
      await new Promise((resolve, reject) => {
        started.once("exit", () => reject(new Error(`npm start ended: ${out}`)));
        started.stdout.setEncoding("utf8").on("data", text => {
          out += text;
          if (out.includes(`listens at ${url}`)) resolve(undefined);
        });
      });
      assert.equal(sora("do", "greeter", "greet", '{"name":"Ada"}', "--url", url).stdout, "Good morning, Ada.\n");
    } finally {
      process.kill(-Number(started.pid), "SIGTERM"); // the whole group, as a terminal does
      await once(started, "close");
    }
  },
);

test("sora knows its version", () => {
  assert.match(sora("--version").stdout, /^\d+\.\d+\.\d+\n$/);
});

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
