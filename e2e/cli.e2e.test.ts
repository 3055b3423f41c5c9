import { spawnSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folder, start, useFolder, write } from "./greeter-folder.ts";
import { outside, sora, soraProcess, SoraProcess } from "./sora-process.ts";

const bin = join(import.meta.dirname, "../packages/cli/bin/sora.js");

useFolder();

describe("sora run", () => {
  test("starts a folder of decorated TypeScript with no program and nothing installed, and every command speaks to it", async () => {
    await using host = start("run", "--port", "0");
    const env = { SORA_URL: await host.url() };

    expect(await soraProcess(["services"], { env })).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^SERVICE +STATE .*\nGreeter +running /) as string,
      err: "",
    });
    expect((await sora(["status", "GREETER"], { env })).out).toMatch(/^Greeter {2}running for \d+s\n/);
    expect(await sora(["health"], { env })).toMatchObject({ status: 0, out: expect.stringMatching(/^The host is healthy\.\n/) as string });
    expect(JSON.parse((await sora(["info", "greeter", "--json"], { env })).out)).toMatchObject({ name: "Greeter", events: [{ name: "Greeted" }] });
    expect(await sora(["do", "greeter", "greet", '{"name":"Ada"}'], { env })).toEqual({ status: 0, out: "Hello, Ada.\n", err: "" });
    expect(await soraProcess(["do", "greeter", "greet", "-"], { env, input: '{"name":"Grace"}' })).toEqual({ status: 0, out: "Hello, Grace.\n", err: "" });
    expect(await sora(["stop", "greeter"], { env })).toEqual({ status: 0, out: "Greeter is stopped.\n", err: "" });
    expect(await sora(["do", "greeter", "greet", '{"name":"Ada"}'], { env })).toMatchObject({
      status: 1,
      out: "",
      err: expect.stringMatching(/^sora: .*\[SORA_SERVICE_UNAVAILABLE\]\n$/) as string,
    });
    expect(await sora(["restart", "greeter"], { env })).toEqual({ status: 0, out: "Greeter is running.\n", err: "" });
    expect(await sora(["trigger", "greeter"], { env })).toMatchObject({ status: 1, err: expect.stringContaining("SORA_COMMAND_UNSUPPORTED") as string });
    expect(await soraProcess(["status", "greter"], { env })).toMatchObject({ status: 1, err: expect.stringContaining('did you mean "Greeter"?') as string });

    host.kill("SIGINT");
    expect(await host.ended()).toMatchObject({ status: 0, err: "" });
    expect(host.out).toContain("Stopping: SIGINT");
  });

  test.each(["SIGINT", "SIGTERM"] as const)("lets an action finish at %s, and ends with 0", async signal => {
    await using host = start("run", "--port", "0");
    const calling = sora(["do", "greeter", "slow"], { env: { SORA_URL: await host.url() } });
    await host.says(/slow has begun/);
    host.kill(signal);
    expect(await calling).toEqual({ status: 0, out: "finished\n", err: "" });
    expect((await host.ended()).status).toBe(0);
  });

  test("runs a program with its arguments, and ends as it does", async () => {
    await write({
      "main.ts": "export {};\nenum Status { Odd = 7 }\nconsole.log(JSON.stringify(process.argv.slice(2)), import.meta.main);\nprocess.exitCode = Status.Odd;\n",
    });
    expect(await soraProcess(["run", "main.ts", "--", "--json", "a b"], { cwd: folder })).toEqual({ status: 7, out: '["--json","a b"] true\n', err: "" });
    await write({ "main.mjs": 'process.kill(process.pid, "SIGKILL");' });
    expect((await soraProcess(["run", "main.mjs"], { cwd: folder })).status).toBe("SIGKILL");
  });

  test("gives a folder's services what sora.config.ts provides", async () => {
    await write({
      "services/teller.service.ts":
        'import { defineService, token } from "@sora/core";\nexport const Word = token<string>("Word");\nexport const teller = defineService("Teller", { actions: { tell: async ({ inject }) => inject(Word) } });\n',
      "sora.config.ts":
        'import type { SoraHostOptions } from "@sora/core";\nimport { Word } from "./services/teller.service.ts";\nexport default { provide: [[Word, "provided"]], name: "configured" } satisfies SoraHostOptions;\n',
    });
    await using host = start("run", "--port", "0");
    const env = { SORA_URL: await host.url() };
    expect((await sora(["do", "teller", "tell"], { env })).out).toBe("provided\n");
    expect((await sora(["services"], { env })).out).toContain("configured");
  });

  test("does without a control plane where it is told to", async () => {
    await write({
      "services/once.service.ts":
        'import { defineService } from "@sora/core";\nexport const once = defineService("Once", { execute: ({ logger }) => logger.info("ran once") });\n',
    });
    await using host = start("run", "--no-web");
    await host.says(/ran once/);
    host.kill("SIGTERM");
    expect((await host.ended()).out).not.toContain("listens");
  });

  test("the sample studio runs as a program from the root", async () => {
    await using studio = new SoraProcess(["run", "samples/studio/main.ts"], { env: { Studio__Out: join(folder, "out"), Sora__Web__Port: "0" } });
    await studio.says(/press Ctrl-C to end/);
    studio.kill("SIGINT");
    expect(await studio.ended()).toMatchObject({ status: 0, err: "" });
  });

  describe("where it cannot start, ends with 1, and says why without a stack", () => {
    test("a taken port", async () => {
      const server = createServer();
      await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const { status, err } = await soraProcess(["run", "--port", String(port)], { cwd: folder });
      server.close();
      expect(status).toBe(1);
      expect(err).toMatch(new RegExp(`^sora: .*127\\.0\\.0\\.1:${port}.*\\[SORA_[A-Z_]+\\]\\n$`));
    });

    test("for a program: the log and the reason, a document a line", async () => {
      await write({ "services/bad.service.ts": 'throw new Error("no database");\n' });
      const { status, out, err } = await soraProcess(["run", "--json", "--port", "0"], { cwd: folder });
      const lines = out
        .trimEnd()
        .split("\n")
        .map(line => JSON.parse(line) as object);
      expect({ status, err }).toEqual({ status: 1, err: "" });
      expect(lines.at(-1)).toMatchObject({ error: { code: "SORA_DISCOVERY_FAILED", message: expect.stringContaining("no database") as string } });
    });

    test("Production without a token", async () => {
      const { status, err } = await soraProcess(["run"], { cwd: folder, env: { SORA_ENVIRONMENT: "Production" } });
      expect(status).toBe(1);
      expect(err).toMatch(/^sora: Cannot serve the control plane.*no token.*Production.*\n$/);
    });

    test.each<[string, Readonly<Record<string, string>>, RegExp]>([
      ["a file that is broken", { "services/bad.service.ts": "export const a = ;\n" }, /^sora: Cannot load 1 of 2 service files.*\n.*bad\.service\.ts.*\n$/],
      ["a file that throws", { "services/bad.service.ts": 'throw new Error("no database");\n' }, /no database/],
      [
        "a definition that is wrong",
        {
          "services/bad.service.ts":
            'import { defineService } from "@sora/core";\nexport const bad = defineService("a b", { every: "5 fortnights" as never });\n',
        },
        /\[SORA_DEFINITION_INVALID\]\n(?: .*\n)+$/,
      ],
      [
        "a setting that is wrong",
        { "appsettings.json": '{ "Sora": { "BackgroundServices": { "Services": { "Greeter": { "IntervalSecond": 5 } } } } }' },
        /IntervalSeconds.*\n/,
      ],
      ["options that are none", { "sora.config.ts": "export default 5;\n" }, /^sora: .*sora\.config\.ts does not have the host's options.*\n$/],
      ["a folder without services", { "empty/readme.md": "" }, /^sora: There are no services in .*empty\. .*\n$/],
    ])("%s", async (what, files, line) => {
      await write(files);
      const { status, err } = await soraProcess(["run", ...(what.startsWith("a folder") ? ["empty"] : []), "--port", "0"], { cwd: folder });
      expect({ status, err }).toEqual({ status: 1, err: expect.stringMatching(line) as string });
      expect(err).not.toMatch(/^ +at /m);
    });
  });
});

describe("in a terminal", () => {
  const hasScript = spawnSync("script", ["--version"]).status === 0;
  if (!hasScript) console.info("`script` is not installed here, so nothing was tried in a terminal");

  test.runIf(hasScript).each(["run", "dev"])("one Ctrl-C lets what is under way finish: sora %s", async command => {
    const { spawn } = await import("node:child_process");
    const terminal = spawn("script", ["-qefc", `exec '${process.execPath}' '${bin}' ${command} --port 0`, "/dev/null"], {
      cwd: folder,
      env: { ...outside(), TERM: "xterm" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let shown = "";
    terminal.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text));
    const ended = new Promise<number | null>(resolve => terminal.once("close", resolve));
    await expect.poll(() => shown, { timeout: 20_000 }).toMatch(/listens at http\S+:\d+/);
    const calling = sora(["do", "greeter", "slow"], { env: { SORA_URL: /http:\/\/127\.0\.0\.1:\d+/.exec(shown)![0] } });
    await expect.poll(() => shown, { timeout: 20_000 }).toContain("slow has begun");
    terminal.stdin.write("\u0003");
    expect((await calling).out).toBe("finished\n");
    expect(await ended).toBe(0);
    expect(shown).not.toContain("ending at once");
  });
});

describe("the control plane's token", () => {
  test("opens it, and is shown nowhere", async () => {
    const token = "canary-0123456789abcdef";
    await using host = new SoraProcess(["run", "--port", "0"], { cwd: folder, env: { Sora__Web__Token: token, SORA_ENVIRONMENT: "Production" } });
    const url = await host.url();
    const results = [
      await sora(["services", "--url", url]),
      await soraProcess(["services", "--url", url, "--token", "canary-wrong-0123456789", "--debug"]),
      await sora(["services", "--url", url], { env: { SORA_TOKEN: token } }),
      await sora(["info", "greeter", "--url", url, "--token", token, "--debug"]),
    ];
    expect(results.map(({ status }) => status)).toEqual([1, 1, 0, 0]);
    expect(results[0]!.err).toBe(`sora: ${url} asks for a token. Give it by SORA_TOKEN or --token. [SORA_TOKEN_REQUIRED]\n`);
    host.kill("SIGTERM");
    await host.ended();
    expect(JSON.stringify([results, host.out, host.err])).not.toContain("canary");
  });
});

describe("pipes and signals", () => {
  const shell = (command: string, url: string): ReturnType<typeof spawnSync> =>
    spawnSync("bash", ["-c", `set -o pipefail; sora() { '${process.execPath}' '${bin}' "$@"; }; ${command}`], {
      encoding: "utf8",
      cwd: folder,
      env: { ...outside(), SORA_URL: url },
      timeout: 30_000,
    });

  test("a pipe whose reader has gone ends quietly with 0", async () => {
    await using host = start("run", "--port", "0");
    const url = await host.url();
    for (const command of ["sora --help | true", "sora services | head -1", "sora info greeter --json | head -c 5", "sora completion bash | true"]) {
      expect([command, shell(command, url)]).toMatchObject([command, { status: 0, stderr: "" }]);
    }
    const following = `(for i in 1 2 3 4 5 6; do sleep 0.3; sora do greeter greet '{"name":"Ada"}' >/dev/null; done) & sora events --follow | head -2; status=$?; wait; exit $status`;
    const followed = shell(following, url);
    expect(followed).toMatchObject({ status: 0, stderr: "" });
    expect(
      String(followed.stdout)
        .split("\n")
        .filter(line => line.includes("Greeted")),
    ).toHaveLength(2);
  });

  test("Ctrl-C ends following with 0", async () => {
    await using host = start("run", "--port", "0");
    const env = { SORA_URL: await host.url() };
    await using following = new SoraProcess(["events", "--follow", "--json"], { env });
    await sora(["do", "greeter", "greet", '{"name":"Ada"}'], { env });
    while (!following.out.includes("Greeted")) await sora(["do", "greeter", "greet", '{"name":"Ada"}'], { env });
    following.kill("SIGINT");
    expect(await following.ended()).toMatchObject({ status: 0, err: "" });
  });

  test("Ctrl-C ends a call, and has its action aborted", async () => {
    await using host = start("run", "--port", "0");
    await using calling = new SoraProcess(["do", "greeter", "slow"], { env: { SORA_URL: await host.url() } });
    await host.says(/slow has begun/);
    calling.kill("SIGINT");
    expect(await calling.ended()).toEqual({ status: "SIGINT", out: "", err: "" });
    await host.says(/slow was aborted/);
  });
});

describe("what was compiled", () => {
  test("is kept for the next start in a folder of the user's own, or where the user says", async () => {
    const home = join(folder, "home");
    const env = { HOME: home, XDG_CACHE_HOME: "", LOCALAPPDATA: join(home, ".cache") };
    await using host = new SoraProcess(["run", "--port", "0"], { cwd: folder, env });
    await host.url();
    host.kill("SIGTERM");
    expect(await host.ended()).toMatchObject({ status: 0, err: "" });
    const kept = await readdir(join(home, ".cache", "sora", "compiled"), { recursive: true });
    expect(kept.length).toBeGreaterThan(100); // of the host's modules, not of the command's alone
    const own = join(folder, "own");
    expect(await soraProcess(["--version"], { env: { ...env, NODE_COMPILE_CACHE: own } })).toMatchObject({ status: 0, err: "" });
    expect(await readdir(own)).toHaveLength(1);
  });

  test("is not, and nothing is said of it, where it cannot be", async () => {
    const env = { HOME: join(bin, "none"), XDG_CACHE_HOME: "", LOCALAPPDATA: "" };
    expect(await soraProcess(["--version"], { env })).toMatchObject({ status: 0, err: "" });
  });
});

describe("an older Node", () => {
  test("gets a sentence, and ends with 2", () => {
    const older = `data:text/javascript,Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.0" } })`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", older, bin, "services"], { encoding: "utf8", env: outside() });
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: "",
      stderr: "sora: Node 24.15 or later is needed, and this is Node 20.20.0. Install a newer one from https://nodejs.org.\n",
    });
  });
});
