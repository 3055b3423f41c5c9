import { tmpdir } from "node:os";
import { CheckQueueCommand, createMemoryStore, defineService, SoraHost } from "@sora/core";
import { describe, expect, test } from "vitest";
import { mathService, tokens, webStage } from "../fixtures/web-stage.ts";
import { createSoraWeb } from "../sora-web.ts";
import { AuditLog } from "./audit-log.ts";
import type { WebStage } from "../fixtures/web-stage.ts";
import type { Logger } from "@sora/core";
import type { Exchange } from "../routing/exchange.ts";

const all = Object.entries(tokens).map(([scope, token]) => ({ name: `${scope}-bot`, token, scope: scope as keyof typeof tokens }));
const lines = (stage: WebStage) =>
  stage.host.logs.filter(({ message }) => message === "audit").map(({ fields }) => JSON.parse(JSON.stringify(fields)) as Record<string, unknown>);

describe("AuditLog", () => {
  test("gets a line for every mutation: who, what, a hash of the input, the outcome", async () => {
    await using stage = await webStage({ tokens: all });
    await stage.ask("/api/services/math/actions/add", { token: tokens.operate, body: { a: 1, b: 2 }, headers: { "x-correlation-id": "c1" } });
    await stage.ask("/api/services/Sweep/trigger", { method: "POST", token: tokens.admin, headers: { "x-correlation-id": "c2" } });
    await stage.ask("/api/services/Math/restart", { method: "POST", token: tokens.admin });
    expect(lines(stage)).toEqual([
      {
        audit: true,
        who: "operate-bot",
        method: "POST",
        path: "/api/services/math/actions/add",
        input: expect.stringMatching(/^[\da-f]{32}$/),
        status: 200,
        correlationId: "c1",
      },
      { audit: true, who: "admin-bot", method: "POST", path: "/api/services/Sweep/trigger", status: 200, correlationId: "c2" },
      { audit: true, who: "admin-bot", method: "POST", path: "/api/services/Math/restart", status: 200 },
    ]);
  });

  test("gets a line for every mutation that was refused or failed, with its code", async () => {
    await using stage = await webStage({ tokens: all });
    const path = "/api/services/Math/actions/add";
    await stage.ask(path, { body: {} });
    await stage.ask(path, { body: {}, token: tokens.read });
    await stage.ask(path, { body: {}, token: tokens.admin, headers: { origin: "https://evil.example" } });
    await stage.ask(path, { body: {}, token: tokens.admin, headers: { host: "evil.example" } });
    await stage.ask(path, { body: "{", token: tokens.admin });
    await stage.ask(path, { body: {}, token: tokens.admin });
    await stage.ask("/api/services/Math/actions/fail", { method: "POST", token: tokens.admin });
    await stage.ask("/api/services/Nope/stop", { method: "POST", token: tokens.admin });
    expect(lines(stage).map(({ who, status, code }) => [who, status, code])).toEqual([
      ["nobody", 401, "SORA_TOKEN_REQUIRED"],
      ["read-bot", 403, "SORA_SCOPE_REQUIRED"],
      ["admin-bot", 403, "SORA_ORIGIN_FOREIGN"],
      ["nobody", 421, "SORA_HOST_FOREIGN"],
      ["admin-bot", 400, "SORA_BODY_INVALID"],
      ["admin-bot", 400, "SORA_PARAMETERS_INVALID"],
      ["admin-bot", 500, "SORA_ACTION_FAILED"],
      ["admin-bot", 404, "SORA_SERVICE_UNKNOWN"],
    ]);
  });

  test("tells where a stored call can be found, and no more: what becomes of it may be decided elsewhere", async () => {
    await using stage = await webStage();
    const later = { method: "POST", headers: { prefer: "respond-async", "x-correlation-id": "c1" } };
    const { json } = await stage.ask("/api/services/Math/actions/nothing", later);
    await stage.host.clock.settle();
    expect(lines(stage)).toMatchObject([{ status: 202, correlationId: "c1", location: `/api/actions/${json.id}` }]);
  });

  test("gets a second line when a command that was answered with 202 has ended", async () => {
    const queue = defineService("Queue", {
      handleCommand: command => {
        if (command instanceof CheckQueueCommand) throw new Error("no");
      },
    });
    await using stage = await webStage({ host: { services: [queue] } });
    const later = { method: "POST", headers: { prefer: "respond-async", "x-correlation-id": "c1" } };
    const [one, two] = [await stage.ask("/api/services/Queue/trigger", later), await stage.ask("/api/services/Queue/check-queue", later)];
    await stage.host.clock.settle();
    const who = "anybody on this machine";
    expect(lines(stage).filter(({ call }) => call !== undefined)).toEqual([
      { audit: true, who, call: one.json.id, service: "Queue", action: "trigger", outcome: "completed", correlationId: "c1" },
      { audit: true, who, call: two.json.id, service: "Queue", action: "check-queue", outcome: "failed", code: "SORA_ACTION_FAILED", correlationId: "c1" },
    ]);
    expect(lines(stage)[0]).toMatchObject({ status: 202, location: `/api/calls/${one.json.id}` });
  });

  test("gets none for questions", async () => {
    await using stage = await webStage();
    for (const path of ["/api/services", "/health", "/health/live", "/api/services/Math/info", "/nowhere"]) await stage.ask(path);
    expect(lines(stage)).toEqual([]);
  });

  test("tells equal inputs from others without holding them", async () => {
    await using stage = await webStage();
    for (const a of [1, 1, 2]) await stage.ask("/api/services/Math/actions/add", { body: { a, b: 20_251_123 } });
    const [first, second, third] = lines(stage).map(({ input }) => input);
    expect([first === second, first === third]).toEqual([true, false]);
    expect(JSON.stringify(stage.host.logs)).not.toContain("20251123");
  });

  test("costs nothing where its logger writes no such line", () => {
    const silent = { info: () => expect.unreachable(), isEnabled: (level: string) => level !== "info" };
    const request = new Proxy({}, { get: () => expect.unreachable() }) as Exchange;
    new AuditLog(silent as never).write(request, { name: "x", scope: "admin" }, { status: 200 });
  });

  test("and other lines do not take the answer with them where the program's own logger throws", async () => {
    const throwing = () => {
      throw new Error("disk full");
    };
    const logger: Logger = { debug: throwing, info: () => {}, warn: () => {}, error: throwing, child: () => logger };
    const { service } = mathService();
    await using host = await SoraHost.start({
      services: [service],
      logger,
      watchConfiguration: false,
      contentRoot: tmpdir(),
      environment: "Development",
      store: createMemoryStore(),
    });
    const web = createSoraWeb(host);
    logger.info = throwing;
    const ask = async (path: string) => (await web.fetch(new Request(`http://localhost${path}`, { method: "POST" }))).status;
    expect([await ask("/api/services/Math/actions/nothing"), await ask("/api/services/Math/actions/fail"), await ask("/nowhere")]).toEqual([200, 500, 404]);
    logger.info = () => {};
  });
});
