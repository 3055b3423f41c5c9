import type { ActionStatus } from "@sora/core";
import { actionStates, limits } from "@sora/core/adapter";
import { createVirtualClock } from "@sora/core/testing";
import { describe, expect, test } from "vitest";
import { FakeControlPlane } from "../fixtures/fake-control-plane.ts";
import { runCommand } from "../fixtures/run-command.ts";
import { storedLimits } from "./stored-limits.ts";
import { storedStates } from "./stored-paint.ts";
import type { CommandRun } from "../fixtures/run-command.ts";
import type { FakeAnswer, FakeRequest } from "../fixtures/fake-control-plane.ts";

const now = Date.parse("2026-01-01T12:00:00Z");
const clock = createVirtualClock({ start: now });

const dead: ActionStatus = {
  id: "a1",
  service: "Billing",
  action: "charge",
  version: 1,
  state: "dead",
  priority: 0,
  attempt: 5,
  attempts: 5,
  enqueuedAt: now - 3_600_000,
  dueAt: now - 3_600_000,
  startedAt: now - 62_000,
  finishedAt: now - 60_000,
  error: { message: "Error: the bank\ndoes not answer\u001B[2J", code: "SORA_X", attempt: 5, at: now - 60_000 },
  progress: { step: 1 },
  key: "Billing:7",
  correlationId: "c1",
  cancelRequested: false,
};
const delayed: ActionStatus = {
  id: "a2",
  service: "Mail",
  action: "send",
  version: 2,
  state: "delayed",
  priority: 5,
  attempt: 0,
  attempts: 3,
  enqueuedAt: now,
  dueAt: now + 600_000,
  cancelRequested: false,
};
const schedule = {
  id: "tenant/7",
  service: "Reports",
  action: "send",
  cron: "0 3 * * *",
  timeZone: "Europe/Berlin",
  misfire: "skip",
  priority: 0,
  paused: false,
  nextAt: now + 7_200_000,
  createdAt: now,
};
const queue = {
  service: "Billing",
  action: "charge",
  version: 1,
  waiting: 3,
  delayed: 0,
  running: 1,
  failed: 0,
  dead: 0,
  cancelled: 0,
  paused: false,
  unclaimable: false,
};
const queues = {
  store: "SQLite .sora/sora.db",
  workers: 1,
  running: 1,
  concurrency: 10,
  queues: [
    queue,
    { ...queue, action: "refund", running: 0, dead: 2, paused: true },
    { ...queue, service: "Gone", action: "go", waiting: 1, running: 0, unclaimable: true },
  ],
  paused: [{ service: "Billing", action: "refund" }, { service: "Mail" }],
};
const message = { sequence: 41, id: "m1", topic: "OrderPlaced", failures: 10, error: "Error: 404", writtenAt: now - 5_000 };
const unknown = { status: 404, problem: { code: "SORA_ACTION_NOT_STORED", detail: 'There is no stored action "a9".', fix: "Check the id." } };

const answers: Readonly<Record<string, FakeAnswer>> = {
  "GET /api/actions": { json: { actions: [delayed, dead] } },
  "GET /api/actions?state=dead&service=billing&limit=1": { json: { actions: [dead], next: "4711" } },
  "GET /api/actions?state=lost": { status: 400, problem: { code: "SORA_REQUEST_INVALID", detail: "no" } },
  "GET /api/actions?state=failed": { json: { actions: [] } },
  "GET /api/actions/a1": { json: dead },
  "GET /api/actions/a2": { json: { ...delayed, state: "completed", result: { sent: 2 } } },
  "GET /api/actions/a%2F9": unknown,
  "POST /api/actions/a1/retry": { json: { id: "a1", before: "dead", retried: true } },
  "POST /api/actions/a2/retry": { json: { id: "a2", before: "running", retried: false } },
  "POST /api/actions/a9/retry": unknown,
  "POST /api/actions/a1/cancel": { json: { id: "a1", outcome: "finished" } },
  "POST /api/actions/a2/cancel": { json: { id: "a2", outcome: "cancelled" } },
  "POST /api/actions/a3/cancel": { json: { id: "a3", outcome: "requested" } },
  "GET /api/schedules": {
    json: { schedules: [schedule, { ...schedule, id: "hourly", cron: undefined, timeZone: undefined, every: 5_400_000, paused: true, nextAt: undefined }] },
  },
  "GET /api/schedules?service=Reports&limit=1&cursor=a": { json: { schedules: [schedule], next: "tenant/7" } },
  "GET /api/schedules/tenant%2F7": { json: schedule },
  "PUT /api/schedules/tenant%2F7": { json: schedule },
  "GET /api/schedules/none": { status: 404, problem: { code: "SORA_SCHEDULE_UNKNOWN", detail: 'There is no schedule "none".' } },
  "PUT /api/schedules/none": { status: 201, json: { ...schedule, id: "none" } },
  "POST /api/schedules/tenant%2F7/pause": { json: { ...schedule, paused: true } },
  "POST /api/schedules/tenant%2F7/resume": { json: schedule },
  "DELETE /api/schedules/tenant%2F7": response => void response.writeHead(204).end(),
  "DELETE /api/schedules/none": { status: 404, problem: { code: "SORA_SCHEDULE_UNKNOWN", detail: 'There is no schedule "none".' } },
  "GET /api/queues": { json: queues },
  "POST /api/queues/mail/pause": { json: { service: "Mail", paused: true } },
  "POST /api/queues/Mail/actions/send/resume": { json: { service: "Mail", action: "send", paused: false } },
  "GET /api/outbox": { json: { waiting: 2, dead: 1, messages: [message] } },
  "POST /api/outbox/retry": { json: { retried: 1 } },
  "POST /api/services/Mail/actions/send": (response, { headers }) => {
    const stored = headers["prefer"] === "respond-async";
    response.writeHead(stored ? 202 : 200, { "content-type": "application/json", ...(stored ? { location: "/sora/api/actions/a7" } : {}) });
    response.end(JSON.stringify(stored ? { id: "a7", state: "waiting", correlationId: "c1" } : { result: "sent", correlationId: "c1" }));
  },
  "POST /api/services/Mail/actions/send?delay=10m&deadline=1h&key=k+7&priority=-3&attempts=2": {
    status: 202,
    json: { id: "a8", state: "delayed", correlationId: "c1" },
  },
};

/** Runs a command against the answers above; `asked` is what it asked for. */
async function run(...args: readonly string[]): Promise<CommandRun & { readonly asked: readonly FakeRequest[] }> {
  await using plane = await FakeControlPlane.start(answers);
  return { ...(await runCommand([...args, "--url", plane.url], { clock })), asked: plane.requests };
}

test("storedLimits are those of the core", () => {
  expect(limits).toMatchObject(storedLimits);
});

test("storedStates are those of the core", () => {
  expect([...storedStates].toSorted()).toEqual([...actionStates].toSorted());
});

describe("actions", () => {
  test("is a table of stored actions, with the cause of those that failed", async () => {
    expect(await run("actions")).toMatchObject({
      status: 0,
      err: "",
      out: `\
ID  STATE    ACTION          VERSION  ATTEMPT  PRIORITY  STORED  DUE     KEY        CAUSE
a2  delayed  Mail.send             2      0/3         5  now     in 10m
a1  dead     Billing.charge        1      5/5         0  1h ago          Billing:7  Error: the bank does not answer\\u001b[2J
`,
    });
    expect((await run("actions", "--state", "failed")).out).toBe("There are no stored actions of this kind.\n");
  });

  test("asks for those of a state, service and action, and says where the list goes on", async () => {
    const { out } = await run("actions", "--state", "dead", "--service", "billing", "--limit", "1");
    expect(out.split("\n").slice(1)).toEqual([expect.stringMatching(/^a1 {2}dead /) as string, "There are more: --cursor 4711", ""]);
  });

  test("that are none because the host knows no such service or action say so", async () => {
    const none = { json: { actions: [] } };
    const detail = 'There is no service "Shp" on this host; did you mean "Shop"?';
    await using plane = await FakeControlPlane.start({
      "GET /api/actions?service=Shp": none,
      "GET /api/actions?service=Shop": none,
      "GET /api/actions?service=Shop&action=ship": none,
      "GET /api/actions?service=Shop&action=shipp": none,
      "GET /api/schedules?service=Shp": { json: { schedules: [] } },
      "GET /api/services/Shp/info": { status: 404, problem: { code: "SORA_SERVICE_UNKNOWN", detail } },
      "GET /api/services/Shop/info": { json: { name: "Shop", actions: [{ name: "ship" }, { name: "quote" }] } },
    });
    const told = async (...args: readonly string[]): Promise<string> => (await runCommand([...args, "--url", plane.url])).out;
    expect(await told("actions", "--service", "Shp")).toBe(`There are no stored actions of this kind. ${detail}\n`);
    expect(await told("actions", "--service", "Shop")).toBe("There are no stored actions of this kind.\n");
    expect(await told("actions", "--service", "Shop", "--action", "ship")).toBe("There are no stored actions of this kind.\n");
    expect(await told("actions", "--service", "Shop", "--action", "shipp")).toBe(
      'There are no stored actions of this kind. Shop has no action "shipp" on this host; it has ship, quote.\n',
    );
    expect(await told("schedules", "--service", "Shp")).toBe(`There are no schedules made at run time for this service. ${detail}\n`);
    expect(JSON.parse(await told("actions", "--service", "Shp", "--json"))).toEqual({ actions: [] });
  });

  test.each<[readonly string[], string]>([
    [
      ["--state", "lost"],
      "sora: Option '--state <state>' argument 'lost' is invalid. Allowed choices are waiting, delayed, running, failed, completed, dead, cancelled. `sora actions --help` shows what there is.\n",
    ],
    [["--limit", "0"], "sora: Option '--limit <n>' argument '0' is invalid. It is a whole number from 1 to 1000. `sora actions --help` shows what there is.\n"],
    [["retry"], "sora: Missing required argument 'id'. `sora actions retry --help` shows what there is.\n"],
  ])("%j is bad usage", async (args, err) => {
    const told = await runCommand(["actions", ...args]);
    expect(told).toMatchObject({ status: 2, out: "", err });
  });

  test("show tells a fact a line, and the result", async () => {
    expect((await run("actions", "show", "a1")).out).toBe(`\
a1  dead
  action          Billing.charge
  attempts        5 of 5
  key             Billing:7
  correlation id  c1
  stored          1h ago, at 2026-01-01T11:00:00.000Z
  started         1m ago, at 2026-01-01T11:58:58.000Z
  finished        1m ago, at 2026-01-01T11:59:00.000Z
  progress        {"step":1}
  cause           Error: the bank does not answer\\u001b[2J [SORA_X], 1m ago
`);
    expect((await run("actions", "show", "a2")).out).toBe(`\
a2  completed
  action    Mail.send
  version   2
  attempts  0 of 3
  priority  5
  stored    now, at 2026-01-01T12:00:00.000Z

{
  "sent": 2
}
`);
    expect(await run("actions", "show", "a/9")).toMatchObject({
      status: 1,
      err: 'sora: There is no stored action "a9". `sora actions` lists those there are; one is deleted when its retention is over. [SORA_ACTION_NOT_STORED]\n',
    });
  });

  test("retry and cancel take several, tell of each, and end with 1 where one was left as it is", async () => {
    expect(await run("actions", "retry", "a1")).toMatchObject({ status: 0, out: "a1 was dead, and is tried again.\n" });
    expect(await run("actions", "retry", "a2", "a9", "a1")).toMatchObject({
      status: 1,
      out: "a2 is running, and is left as it is.\na1 was dead, and is tried again.\n",
      err: expect.stringMatching(/^sora: There is no stored action "a9"\. .*\n$/) as string,
    });
    expect(await run("actions", "cancel", "a2", "a3")).toMatchObject({
      status: 0,
      out: "a2 is cancelled.\na3 is under way; its worker was asked to cancel it.\n",
    });
    expect(await run("actions", "cancel", "a1")).toMatchObject({ status: 1, out: "a1 has its outcome already.\n" });
  });

  test("retry and cancel stop at a host that does not answer", async () => {
    const told = await runCommand(["actions", "retry", "a1", "a2", "--url", "http://127.0.0.1:1"]);
    expect([told.status, told.out, told.err.match(/Nothing answers/g)?.length]).toEqual([1, "", 1]);
  });

  test("is in JSON what the control plane answered, a list where several were asked for", async () => {
    expect(JSON.parse((await run("actions", "--json")).out)).toEqual({ actions: [delayed, dead] });
    expect(JSON.parse((await run("actions", "show", "a1", "--json")).out)).toEqual(dead);
    const retried = await run("--json", "actions", "retry", "a1", "a9");
    expect([retried.status, retried.err]).toEqual([1, ""]);
    expect(JSON.parse(retried.out)).toEqual([
      { id: "a1", before: "dead", retried: true },
      { id: "a9", error: expect.objectContaining({ code: "SORA_ACTION_NOT_STORED" }) as object },
    ]);
  });
});

describe("do --enqueue", () => {
  test("stores the call and prints its id alone", async () => {
    const told = await run("do", "Mail", "send", '{"to":"ada"}', "--enqueue", "--idempotency-key", "once", "--correlation-id", "c1");
    expect(told).toMatchObject({ status: 0, out: "a7\n", err: "" });
    expect(told.asked[0]).toMatchObject({ body: '{"to":"ada"}', headers: { prefer: "respond-async", "idempotency-key": "once", "x-correlation-id": "c1" } });
    expect(JSON.parse((await run("do", "Mail", "send", "--enqueue", "--json")).out)).toEqual({ id: "a7", state: "waiting", correlationId: "c1" });
  });

  test("says when, how often and in which order", async () => {
    const flags = ["--delay", "10m", "--deadline", "1h", "--key", "k 7", "--priority", "-3", "--attempts", "2"];
    expect(await run("do", "Mail", "send", "--enqueue", ...flags)).toMatchObject({ status: 0, out: "a8\n" });
  });

  test.each(["abc", "1.5", "1000001", "--"])("takes no priority %s", async priority => {
    expect(await runCommand(["do", "Mail", "send", "--enqueue", `--priority=${priority}`])).toMatchObject({
      status: 2,
      err: expect.stringContaining("It is a whole number from -1000000 to 1000000.") as string,
    });
  });

  test.each([
    ["--delay", "xx", "It is an interval such as 90s, 10m, 1.5h or 7d, or milliseconds, from 0ms to 36500d."],
    ["--delay", "36501d", "from 0ms to 36500d."],
    ["--deadline", "0", "from 1ms to 36500d."],
    ["--deadline", "", "from 1ms to 36500d."],
    ["--key", "", "It is 1 to 300 characters."],
    ["--key", "k".repeat(301), "It is 1 to 300 characters."],
  ])("asks for nothing where %s is %j", async (option, value, why) => {
    const told = await run("do", "Mail", "send", "--enqueue", option, value);
    expect(told).toMatchObject({ status: 2, out: "", asked: [], err: expect.stringContaining(why) as string });
  });

  test("is what --no-wait does, in a sentence", async () => {
    expect((await run("do", "Mail", "send", "--no-wait")).out).toBe("Mail.send is stored as a7, correlation id c1.\n");
    expect((await run("do", "Mail", "send")).out).toBe("sent\n");
  });

  test.each(["--delay", "--deadline", "--key", "--priority", "--attempts"])("is needed for %s", async flag => {
    expect(await runCommand(["do", "Mail", "send", flag, "1"])).toEqual({
      status: 2,
      out: "",
      err: `sora: ${flag} is for calls that are stored. Add --enqueue.\n`,
    });
  });
});

test("actions show tells what it was called with, where the host does", async () => {
  const answer = { json: { ...delayed, parameters: { to: "ada\n" } } };
  await using plane = await FakeControlPlane.start({ "GET /api/actions/a2": answer });
  expect((await runCommand(["actions", "show", "a2", "--url", plane.url], { clock })).out).toContain('  parameters  {"to":"ada\\n"}\n');
});

describe("schedules", () => {
  test("is a table of them", async () => {
    expect((await run("schedules")).out).toBe(`\
ID        ACTION        WHEN                     NEXT
tenant/7  Reports.send  0 3 * * * Europe/Berlin  in 2h
hourly    Reports.send  every 90m                paused
`);
    expect((await run("schedules", "--service", "Reports", "--limit", "1", "--cursor", "a")).out).toContain('There are more: --cursor "tenant/7"\n');
  });

  test("set changes what is given, and sends all else back as it is", async () => {
    const sent = async (...args: readonly string[]): Promise<unknown> => {
      const { status, out, asked } = await run("schedules", "set", "tenant/7", ...args);
      expect([status, out]).toEqual([0, "tenant/7 is changed; it is due in 2h.\n"]);
      return JSON.parse(asked[1]?.body ?? "");
    };
    const known = { service: "Reports", action: "send", misfire: "skip", priority: 0 };
    expect(await sent("--cron", "0 4 * * *")).toEqual({ ...known, cron: "0 4 * * *", timeZone: "Europe/Berlin" });
    expect(await sent("--every", "90m", "--priority", "-3")).toEqual({ ...known, every: "90m", priority: -3 });
    expect(await sent("--every", "5000")).toEqual({ ...known, every: 5_000 });
    expect(await sent("--misfire", "3")).toEqual({ ...known, cron: "0 3 * * *", timeZone: "Europe/Berlin", misfire: { all: 3 } });
    expect(await sent("Mail", "write", '{"to":"ada"}')).toEqual({
      ...known,
      service: "Mail",
      action: "write",
      parameters: { to: "ada" },
      cron: "0 3 * * *",
      timeZone: "Europe/Berlin",
    });
  });

  test("set makes one that is not there, of a service and an action", async () => {
    const made = await run("schedules", "set", "none", "Reports", "send", "--every", "1h");
    expect(made).toMatchObject({ status: 0, out: "none is made; it is due in 2h.\n" });
    expect(JSON.parse(made.asked[1]?.body ?? "")).toEqual({ service: "Reports", action: "send", every: "1h" });
    expect(await run("schedules", "set", "none", "--every", "1h")).toMatchObject({
      status: 2,
      err: "sora: There is no schedule none yet. Name a service and an action to make it, and say when by --cron or --every.\n",
    });
    expect(await run("schedules", "set", "none", "Reports", "send")).toMatchObject({ status: 2, err: expect.stringContaining("--cron or --every") });
    expect(await run("schedules", "set", "none")).toMatchObject({ status: 2, err: expect.stringContaining("Nothing is said") });
    expect(await run("schedules", "set", "none", "A", "b", "{x")).toMatchObject({ status: 2, err: expect.stringContaining("is not JSON") });
    expect(await run("schedules", "set", "none", "--priority", "high")).toMatchObject({ status: 2 });
  });

  test.each([
    [["--every", "5x"], "It is an interval such as 90s, 10m, 1.5h or 7d, or milliseconds, from 1s to 1000000d."],
    [["--every", "10ms"], "from 1s to 1000000d."],
    [["--every", "1h", "--cron", "0 3 * * *"], "Option '--every <interval>' cannot be used with option '--cron <expression>'."],
    [["--every", "1h", "--time-zone", "UTC"], "Option '--every <interval>' cannot be used with option '--time-zone <zone>'."],
    [["--misfire", "never"], "It is skip, once, or a whole number from 1 to 1000."],
    [["--misfire", "0"], "It is skip, once, or a whole number from 1 to 1000."],
  ])("set asks for nothing where %j are given", async (args, why) => {
    expect(await run("schedules", "set", "tenant/7", ...args)).toMatchObject({ status: 2, out: "", asked: [], err: expect.stringContaining(why) as string });
  });

  test("pause, resume and remove say what they have done", async () => {
    expect((await run("schedules", "pause", "tenant/7")).out).toBe("tenant/7 is paused.\n");
    expect((await run("schedules", "resume", "tenant/7")).out).toBe("tenant/7 goes on, in 2h.\n");
    expect((await run("schedules", "remove", "tenant/7")).out).toBe("tenant/7 is removed.\n");
    expect(JSON.parse((await run("schedules", "remove", "tenant/7", "--json")).out)).toEqual({ id: "tenant/7", removed: true });
    expect(JSON.parse((await run("schedules", "pause", "tenant/7", "--json")).out)).toEqual({ ...schedule, paused: true });
    expect(await run("schedules", "remove", "none")).toMatchObject({
      status: 1,
      err: 'sora: There is no schedule "none". `sora schedules` lists those there are. [SORA_SCHEDULE_UNKNOWN]\n',
    });
  });
});

describe("queues", () => {
  test("is a table by state, with what is paused and what nobody can run", async () => {
    expect((await run("queues")).out).toBe(`\
ACTION          WAITING  RUNNING  DEAD  NOTE
Billing.charge        3        1     0
Billing.refund        3        0     2  paused
Gone.go               1        0     0  no worker can run it

1 worker on SQLite .sora/sora.db; this host is at work on 1 of 10.
Paused: Billing.refund, Mail.
`);
    expect(JSON.parse((await run("queues", "--json")).out)).toEqual(queues);
  });

  test("of a host without a store says so", async () => {
    await using plane = await FakeControlPlane.start({ "GET /api/queues": { json: { workers: 0, running: 0, concurrency: 0, queues: [], paused: [] } } });
    expect((await runCommand(["queues", "--url", plane.url])).out).toBe("This host has no store yet: nothing is stored.\n");
  });

  test("pause and resume take a service or one of its actions", async () => {
    expect((await run("queues", "pause", "mail")).out).toBe("Mail is paused.\n");
    expect((await run("queues", "resume", "Mail", "send")).out).toBe("Mail.send goes on.\n");
  });
});

test("actions retry goes on past what can be no id, and tells what became of the rest", async () => {
  const { status, out } = await run("actions", "retry", "a1", "..", "a1", "--json");
  const told = JSON.parse(out) as { id: string; retried?: boolean; error?: { code: string } }[];
  expect([status, told.map(({ retried, error }) => error?.code ?? retried)]).toEqual([2, [true, "SORA_CLI_USAGE", true]]);
});

test.each([
  ["queues", "pause", "Mail", ".."],
  ["queues", "pause", ".."],
  ["actions", "retry", "."],
  ["actions", "cancel", ""],
  ["schedules", "remove", ".."],
  ["schedules", "set", ".", "--every", "1h"],
  ["do", "Mail", ".."],
  ["do", ".", "stop"],
  ["status", ".."],
])("%s %s %s %s asks for nothing, since dots would lead elsewhere", async (...args) => {
  const { status, err, asked } = await run(...args);
  expect([status, asked]).toEqual([2, []]);
  expect(err).toMatch(/^sora: ".{0,2}" is no name, and no id\. Give one that there is\.\n$/);
});

describe("outbox", () => {
  test("counts, and lists what could not be published", async () => {
    expect((await run("outbox")).out).toBe(`\
SEQUENCE  TOPIC        FAILURES  WRITTEN  CAUSE
      41  OrderPlaced        10  5s ago   Error: 404

2 waiting, 1 dead.
`);
  });

  test("retry takes all, or numbers, and ends with 1 where one of those is not dead", async () => {
    const all = await run("outbox", "retry");
    expect([all.status, all.out, all.asked[0]?.body]).toEqual([0, "1 message is tried again.\n", '{"all":true}']);
    const some = await run("outbox", "retry", "41", "42");
    expect([some.status, some.out, some.asked[0]?.body]).toEqual([1, "1 message is tried again; 1 of those named is not dead.\n", '{"sequences":[41,42]}']);
    await using plane = await FakeControlPlane.start({ "POST /api/outbox/retry": { json: { retried: 0 } } });
    const none = (...sequences: readonly string[]) => runCommand(["outbox", "retry", ...sequences, "--url", plane.url]);
    expect(await none("999")).toMatchObject({ status: 1, out: "There is no dead message 999.\n" });
    expect(await none("998", "999")).toMatchObject({ status: 1, out: "There are no dead messages of these.\n" });
    expect(await none()).toMatchObject({ status: 0, out: "There are no dead messages.\n" });
    expect((await runCommand(["outbox", "retry", "x"])).status).toBe(2);
  });
});

describe("completion", () => {
  const candidates = async (...words: readonly string[]): Promise<string[]> => {
    const ids = {
      "GET /api/actions?state=dead": { json: { actions: [dead] } },
      "GET /api/services/Mail/info": { json: { actions: [{ name: "send" }, { name: "draft" }] } },
      "GET /api/services": { json: [{ name: "Mail", kind: "background", state: "running" }] },
    };
    await using plane = await FakeControlPlane.start({ ...answers, ...ids });
    const { out } = await runCommand(["complete", "--", ...words], { env: { SORA_URL: plane.url }, clock });
    return out.split("\n").slice(0, -1);
  };

  test("offers what can be done about stored work, states, services, and ids", async () => {
    expect((await candidates("actions", "")).map(line => line.split("\t")[0])).toEqual(["show", "retry", "cancel"]);
    expect(await candidates("actions", "--state", "d")).toEqual(["delayed", "dead"]);
    expect(await candidates("actions", "--service", "m")).toEqual(["Mail\tbackground, running"]);
    expect(await candidates("actions", "--limit", "")).toEqual([]);
    expect(await candidates("actions", "retry", "")).toEqual(["a1\tBilling.charge, dead"]);
    expect(await candidates("actions", "retry", "a1", "")).toEqual([]);
    expect(await candidates("actions", "cancel", "a1", "")).toEqual(["a2\tMail.send, delayed"]);
    expect(await candidates("schedules", "pause", "h")).toEqual(["hourly\tReports.send"]);
    expect(await candidates("schedules", "set", "hourly", "")).toEqual(["Mail\tbackground, running"]);
    expect(await candidates("schedules", "set", "hourly", "Mail", "s")).toEqual(["send\taction"]);
    expect(await candidates("queues", "pause", "")).toEqual(["Mail\tbackground, running"]);
    expect((await candidates("do", "Mail", "send", "--en")).map(line => line.split("\t")[0])).toEqual(["--enqueue"]);
  });
});
