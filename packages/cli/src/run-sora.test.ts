import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { FakeControlPlane } from "./fixtures/fake-control-plane.ts";
import { runCommand } from "./fixtures/run-command.ts";

/** A port at which nothing listens. */
async function deadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe("bad usage ends with 2, and one line with the next step", () => {
  test.each<[readonly string[], string]>([
    [["servces"], "sora: Unknown command 'servces'. Did you mean `services`? `sora --help` shows what there is.\n"],
    [["xyzzy"], "sora: Unknown command 'xyzzy'. `sora --help` shows what there is.\n"],
    [["help", "servces"], "sora: Unknown command 'servces'. Did you mean `services`? `sora --help` shows what there is.\n"],
    [["actions", "show"], "sora: Missing required argument 'id'. `sora actions show --help` shows what there is.\n"],
    [["services", "--jsn"], "sora: Unknown option '--jsn'. Did you mean `--json`? `sora services --help` shows what there is.\n"],
    [["status"], "sora: Missing required argument 'service'. `sora status --help` shows what there is.\n"],
    [["new", "srvice"], "sora: Unknown command 'srvice'. Did you mean `service`? `sora new --help` shows what there is.\n"],
    [["services", "--url"], "sora: Option '--url <address>' argument missing. `sora services --help` shows what there is.\n"],
    [["services", "--url", "localhost:1"], 'sora: --url is not an http or https address: "localhost:1". Write it as http://127.0.0.1:4310.\n'],
    [
      ["run", "--port", "x"],
      "sora: Option '--port <port>' argument 'x' is invalid. It is a whole number from 0 to 65535. `sora run --help` shows what there is.\n",
    ],
    [["run", "no/such/file.ts"], "sora: There is nothing at no/such/file.ts to run. Name a program, or a folder with *.service.ts files in it.\n"],
    [
      ["completion", "tcsh"],
      "sora: Command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish. `sora completion --help` shows what there is.\n",
    ],
    [["new", "service"], "sora: The new service has no name. `sora new service ImageResize` gives it one.\n"],
    [
      ["new", "service", "1st"],
      'sora: A service cannot be called "1st": a name is letters and digits, begins with a letter, and has 64 at most. Write it as ImageResize or image-resize.\n',
    ],
    [["new", "service", "A", "--every", "5 fortnights"], 'sora: "5 fortnights" is no interval. Write it as "30s", "5m", "1h" or "7d".\n'],
    [["new", "app", ""], "sora: The new project has no name. `sora new app my-app` gives it one.\n"],
    [["new", "app", "My App"], 'sora: A project cannot be called "My App": npm takes lower-case letters, digits, "-", "_" and ".". Write it as my-app.\n'],
    [
      ["do", "S", "a", "{name: 1}"],
      'sora: What is given as parameters is not JSON: at column 2 stands "n", where a name in double quotes or "}" is expected. Put the parameters in single quotes: \'{"name": "Ada"}\'.\n',
    ],
    [
      ["do", "S", "a", ""],
      'sora: What is given as parameters is not JSON: at column 1 stands the end, where a value is expected. Put the parameters in single quotes: \'{"name": "Ada"}\'.\n',
    ],
    [["do", "S", "a", "-"], "sora: What came from standard input is not JSON: at column 1 stands the end, where a value is expected. Send one JSON value.\n"],
    [
      ["do", "S", "a", "--correlation-id", "a\nb"],
      "sora: --correlation-id is not 1 to 200 printable ASCII characters without spaces. Take letters, digits and hyphens.\n",
    ],
    [
      ["do", "S", "a", "{name:", "Ada}"],
      "sora: Too many arguments for 'do'. Expected 3 arguments but got 4: S, a, {name:, Ada}. `sora do --help` shows what there is.\n",
    ],
  ])("%j", async (args, err) => {
    expect(await runCommand(args)).toEqual({ status: 2, out: "", err });
  });

  test("the position of a mistake in several lines is its line and column", async () => {
    const { err } = await runCommand(["do", "S", "a", "-"], { stdin: '{\n  "a": 1,\n  "b": x\n}' });
    expect(err).toContain('at line 3, column 8 stands "x", where a value is expected');
  });
});

describe("what a service, or its absence, says no to ends with 1, and one line with the next step", () => {
  test("no server", async () => {
    const url = await deadUrl();
    expect(await runCommand(["services"], { env: { SORA_URL: url } })).toEqual({
      status: 1,
      out: "",
      err: `sora: Nothing answers at ${url}: the connection is refused. Start a host with \`sora run\`, or say where one is by --url or SORA_URL.\n`,
    });
  });

  test("a host of no such name", async () => {
    const { status, err } = await runCommand(["services", "--url", "http://no-such-host.invalid:1"]);
    expect(status).toBe(1);
    expect(err).toMatch(
      /^sora: Nothing answers at http:\/\/no-such-host\.invalid:1: (?:there is no host named no-such-host\.invalid|the name .* cannot be looked up now)\. .*\n$/,
    );
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      "SORA_SERVICE_UNKNOWN",
      { status: 404, detail: 'There is no service "x" on this host; did you mean "y"?' },
      'There is no service "x" on this host; did you mean "y"? `sora services` lists those there are. [SORA_SERVICE_UNKNOWN]',
    ],
    [
      "SORA_SERVICE_DISABLED",
      { status: 409, detail: "It is disabled by appsettings.json", fix: "Enable it there." },
      "It is disabled by appsettings.json. Enable it there. [SORA_SERVICE_DISABLED]",
    ],
    [
      "SORA_ROUTE_UNKNOWN",
      { status: 404, detail: "There is nothing at this path.", fix: "See /openapi.json for the routes there are." },
      "There is nothing at this path. Names have no slash in them; if it is not that, see whether the control plane is where --url or SORA_URL says. [SORA_ROUTE_UNKNOWN]",
    ],
    ["SORA_ACTION_FAILED", { status: 500, detail: "it\nbroke" }, "it broke. The host's log has more. [SORA_ACTION_FAILED]"],
    [
      "SORA_SCOPE_REQUIRED",
      { status: 403, detail: 'This needs the scope "admin".' },
      'This needs the scope "admin". Give a token of that scope by --token or SORA_TOKEN. [SORA_SCOPE_REQUIRED]',
    ],
  ])("a problem of the code %s", async (code, { status, ...problem }, line) => {
    await using plane = await FakeControlPlane.start({ "GET /api/services": { status: status as number, problem: { code, ...problem } } });
    expect(await runCommand(["services", "--url", plane.url])).toEqual({ status: 1, out: "", err: `sora: ${line}\n` });
    const json = await runCommand(["services", "--url", plane.url, "--json"]);
    expect(json).toMatchObject({ status: 1, err: "" });
    expect(JSON.parse(json.out)).toMatchObject({ error: { code, message: problem["detail"], status } });
  });

  test("a missing and a wrong token, neither of which is shown", async () => {
    await using plane = await FakeControlPlane.start({
      "GET /api/services": { status: 401, problem: { code: "SORA_TOKEN_REQUIRED", detail: "A valid bearer token is required." } },
    });
    expect((await runCommand(["services", "--url", plane.url])).err).toBe(
      `sora: ${plane.url} asks for a token. Give it by SORA_TOKEN or --token. [SORA_TOKEN_REQUIRED]\n`,
    );
    for (const flags of [[], ["--debug"], ["--json"]]) {
      const { status, out, err } = await runCommand(["services", "--url", plane.url, "--token", "canary", ...flags]);
      expect(status).toBe(1);
      expect(out + err).toContain(`The token is not one that ${plane.url} knows.`);
      expect(out + err).not.toContain("canary");
    }
  });

  test.each<[string, Parameters<typeof FakeControlPlane.start>[0][string]]>([
    ["a page", response => response.writeHead(200, { "content-type": "text/html" }).end("<p>hello")],
    ["a page of an error", response => response.writeHead(502, { "content-type": "text/html" }).end("<p>bad gateway")],
    ["a redirection", response => response.writeHead(302, { location: "/login" }).end()],
    ["an error in JSON of another kind", { status: 404, json: { message: "Not Found" } }],
    ["JSON that is none", response => response.writeHead(200, { "content-type": "application/json" }).end("{")],
  ])("something that is no control plane: %s", async (_, answer) => {
    await using plane = await FakeControlPlane.start({ "GET /api/services": answer });
    const { status, out, err } = await runCommand(["services", "--url", plane.url]);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err).toMatch(/^sora: What answers at http:\/\/127\.0\.0\.1:\d+ is not a control plane of Sora: status \d+.*\. Check --url or SORA_URL\.\n$/);
  });

  test("a connection that is cut before the answer, and in the middle of it", async () => {
    await using plane = await FakeControlPlane.start({
      "GET /api/services": response => response.destroy(),
      "GET /health": response => {
        response.writeHead(200, { "content-type": "application/json", "content-length": 100 }).write("{");
        setImmediate(() => response.destroy());
      },
    });
    for (const command of ["services", "health"]) {
      const { status, err } = await runCommand([command, "--url", plane.url]);
      expect(status).toBe(1);
      expect(err).toMatch(/^sora: Nothing answers at .*: .* See in the host's log whether it has stopped\.\n$/);
    }
  });
});

describe("help and version", () => {
  test.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j lists every command, and ends with 0", async args => {
    const { status, out, err } = await runCommand(args);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    for (const command of [
      "run",
      "dev",
      "services",
      "status",
      "health",
      "info",
      "do",
      "trigger",
      "check-queue",
      "process-batch",
      "start",
      "stop",
      "restart",
      "events",
      "new",
      "completion",
    ])
      expect(out).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
    expect(out).not.toMatch(/^ {2}complete /m);
    expect(Math.max(...out.split("\n").map(line => line.length))).toBeLessThanOrEqual(100);
  });

  test("--version is the package's", async () => {
    expect(await runCommand(["--version"])).toEqual({ status: 0, out: "0.1.0\n", err: "" });
  });

  test("the help of a command shows the options that all have", async () => {
    expect((await runCommand(["help", "do"])).out).toBe((await runCommand(["do", "--help"])).out);
    expect((await runCommand(["do", "--help"])).out).toMatch(/Usage: sora do \[options\] <service> <action> \[json\][^]*--no-wait[^]*--token <token>/);
  });
});

test("--debug shows the stack, and nothing else does", async () => {
  const url = await deadUrl();
  expect((await runCommand(["services", "--url", url])).err.split("\n")).toHaveLength(2);
  expect((await runCommand(["services", "--url", url, "--debug"])).err).toMatch(/\n {4}at .*\n[^]*caused by .*ECONNREFUSED/);
});

test("what stands after -- belongs to the program, --json and --debug too", async () => {
  const { out, err } = await runCommand(["run", "no-such", "--", "--json", "--debug"]);
  expect(out).toBe("");
  expect(err.split("\n")).toHaveLength(2);
});
