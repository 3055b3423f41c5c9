import type { ServiceHealth, ServiceInfo, ServiceStatus } from "@sora/core";
import { createVirtualClock } from "@sora/core/testing";
import { describe, expect, test } from "vitest";
import { FakeControlPlane } from "../fixtures/fake-control-plane.ts";
import { runCommand } from "../fixtures/run-command.ts";

const now = Date.parse("2026-01-01T12:00:00Z");
const clock = createVirtualClock({ start: now });

const greeter: ServiceStatus = {
  name: "Greeter",
  kind: "background",
  state: "running",
  since: now - 125_000,
  lastActivity: now - 3_000,
  runs: 1,
  restarts: 0,
  inFlight: 2,
  waiting: 0,
  node: "vm-1",
};
const cleanup: ServiceStatus = {
  name: "Cleanup",
  kind: "periodic",
  state: "failed",
  since: now - 1_000,
  lastError: { message: "no\ndisk", code: "SORA_SERVICE_FAILED", at: now - 1_000 },
  runs: 12,
  restarts: 5,
  inFlight: 0,
  waiting: 0,
  nextRun: now + 40_000,
  node: "vm-1",
};
const health: ServiceHealth = {
  name: "Greeter",
  status: "unhealthy",
  description: "Nobody answers",
  critical: true,
  lastChecked: now - 4_000,
  duration: 12,
  data: { queue: 7, note: "x" },
};
const info: ServiceInfo = {
  name: "Greeter",
  kind: "background",
  description: "Greets",
  actions: [
    {
      name: "greet",
      description: "Says hello",
      requiresParameters: true,
      parameters: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
      concurrency: 5,
      timeout: 2_000,
      idempotent: false,
      version: 1,
      calls: 12,
      failures: 1,
    },
    { name: "list-all", requiresParameters: false, parameters: undefined, idempotent: true, version: 1, calls: 0, failures: 0 },
  ],
  events: [{ name: "Greeted", args: { type: "object", properties: { name: { type: "string" } }, required: ["name"] }, version: 1, durable: false }],
  commands: ["trigger", "check-queue"],
  configuration: { Enabled: { value: true, source: "default" }, IntervalSeconds: { value: 60, source: "appsettings.json:4" } },
  settings: {},
  package: { name: "shop", version: "2.1.0" },
};

const answers = {
  "GET /api/services": { json: [greeter, cleanup] },
  "GET /api/services/greeter/status": { json: greeter },
  "GET /api/services/cleanup/status": { json: cleanup },
  "GET /api/services/greeter/health": { json: health },
  "GET /health": { status: 503, json: { status: "unhealthy", entries: { Greeter: health } } },
  "GET /api/services/greeter/info": { json: info },
};

const ask = async (...args: readonly string[]): ReturnType<typeof runCommand> => {
  await using plane = await FakeControlPlane.start(answers);
  return await runCommand([...args, "--url", plane.url], { clock });
};

describe("for people", () => {
  test("services is a table of every service", async () => {
    expect(await ask("services")).toEqual({
      status: 0,
      err: "",
      out: `\
SERVICE  STATE    FOR  KIND        RUNS  RESTARTS  ACTIVE  NEXT RUN  NODE  LAST ERROR
Greeter  running   2m  background     1         0       2            vm-1
Cleanup  failed    1s  periodic      12         5       0  in 40s    vm-1  no disk
`,
    });
  });

  test("status is a fact a line", async () => {
    expect((await ask("status", "greeter")).out).toBe(`\
Greeter  running for 2m
  kind           background
  runs           1
  calls          2 active, 0 waiting
  last activity  3s ago
  node           vm-1
`);
    expect((await ask("status", "cleanup")).out).toBe(`\
Cleanup  failed for 1s
  kind        periodic
  runs        12, restarted 5 times
  calls       0 active, 0 waiting
  next run    in 40s, at 2026-01-01T12:00:40.000Z
  last error  no disk [SORA_SERVICE_FAILED], 1s ago
  node        vm-1
`);
  });

  test("health of a service says what it found, and ends with 1 where that is unhealthy", async () => {
    expect(await ask("health", "greeter")).toEqual({
      status: 1,
      err: "",
      out: `\
Greeter  unhealthy, critical
  says     Nobody answers
  checked  4s ago, in 12 ms
  queue    7
  note     x
`,
    });
  });

  test("health of the host is a table, and ends with 1 where it is unhealthy", async () => {
    expect(await ask("health")).toEqual({
      status: 1,
      err: "",
      out: `\
The host is unhealthy.

SERVICE  HEALTH     CRITICAL  CHECKED  SAYS
Greeter  unhealthy  critical  4s ago   Nobody answers
`,
    });
  });

  test("info shows what a service offers, in sections", async () => {
    expect((await ask("info", "greeter")).out).toBe(`\
Greeter  background service of shop 2.1.0
Greets

Actions
  NAME      PARAMETERS    CALLS  FAILED  AT ONCE  TIMEOUT  DOES
  greet     name: string     12       1        5    2.0 s  Says hello
  list-all                    0       0

Events
  NAME     ARGUMENTS
  Greeted  name: string

Commands
  trigger, check-queue

Configuration
  KEY              VALUE  FROM
  Enabled          true   default
  IntervalSeconds  60     appsettings.json:4
`);
  });

  test("a host without services says so", async () => {
    await using plane = await FakeControlPlane.start({ "GET /api/services": { json: [] } });
    expect((await runCommand(["services", "--url", plane.url])).out).toBe("There are no services on this host.\n");
  });

  test("a terminal gets colours, unless NO_COLOR is set", async () => {
    await using plane = await FakeControlPlane.start(answers);
    const coloured = await runCommand(["services", "--url", plane.url], { clock, terminal: 120 });
    expect(coloured.out).toContain("\u001B[32mrunning\u001B[39m");
    expect(coloured.out).toContain("\u001B[31mfailed\u001B[39m");
    const bare = await runCommand(["services", "--url", plane.url], { clock, terminal: 120, env: { NO_COLOR: "1" } });
    expect(bare.out).toBe((await runCommand(["services", "--url", plane.url], { clock })).out);
  });
});

describe("for programs", () => {
  test.each([
    [["services"], 0, [greeter, cleanup]],
    [["status", "greeter"], 0, greeter],
    [["health", "greeter"], 1, health],
    [["health"], 1, { status: "unhealthy", entries: { Greeter: health } }],
    [["info", "greeter"], 0, JSON.parse(JSON.stringify(info))],
  ] as const)("%j --json is the control plane's own document on one line", async (args, status, document) => {
    const run = await ask(...args, "--json");
    expect(run).toMatchObject({ status, err: "" });
    expect(run.out.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(run.out)).toEqual(document);
  });

  test("--json may stand before the command, and is indented where a person looks on", async () => {
    await using plane = await FakeControlPlane.start(answers);
    const { out } = await runCommand(["--json", "--url", plane.url, "status", "greeter"], { terminal: 80 });
    expect(out).toBe(`${JSON.stringify(greeter, undefined, 2)}\n`);
  });
});
