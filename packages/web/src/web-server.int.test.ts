import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { defineService, serviceEvent, SoraHost, type } from "@sora/core";
import type { SoraHostOptions } from "@sora/core";
import { describe, expect, test } from "vitest";
import { mathService } from "./fixtures/web-stage.ts";
import { serveSora } from "./web-server.ts";

const base: SoraHostOptions = { environment: "Development", logger: false, watchConfiguration: false, contentRoot: new URL("./fixtures/", import.meta.url) };
const token = "0123456789abcdef";
const Tick = serviceEvent("Tick", type<number>());

const status = async (url: string, init?: RequestInit): Promise<number> => {
  const response = await fetch(url, init);
  await response.body?.cancel();
  return response.status;
};
const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
  for (let turn = 0; !(await holds()); turn++) {
    if (turn > 500) throw new Error("it never happened");
    await new Promise(resolve => setTimeout(resolve, 10));
  }
};
const unanswered = async (url: string): Promise<boolean> =>
  fetch(url).then(
    response => (void response.body?.cancel(), false),
    () => true,
  );

describe("the host's option web", () => {
  test("serves the control plane with the host, and closes it with the host", async () => {
    const { service } = mathService();
    const host = await SoraHost.start({ ...base, services: [service], web: { port: 0 } });
    const url = host.web?.url as string;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await status(`${url}/api/services/math/status`)).toBe(200);
    await host.stop();
    expect(await unanswered(`${url}/health/live`)).toBe(true);
  });

  test("takes what is not given from the configuration", async () => {
    const configuration = { Sora: { Web: { Port: 0, Tokens: { ci: { Token: token, Scope: "read" } } } } };
    await using host = await SoraHost.start({ ...base, web: true, configuration });
    const url = `${host.web?.url}/api/services`;
    expect([await status(url), await status(url, { headers: { authorization: `Bearer ${token}` } })]).toEqual([401, 200]);
  });

  test("is off by default, and false", async () => {
    await using host = await SoraHost.start({ ...base, web: false });
    expect(host.web).toBeUndefined();
  });

  test("listens before the services start: alive, not ready, and calls wait", async () => {
    const gate = Promise.withResolvers<void>();
    const slow = defineService("Slow", { startupOrder: 1, actions: {}, execute: () => gate.promise });
    const { service } = mathService();
    const host = new SoraHost({ ...base, services: [slow, service], web: { port: 0 } });
    const starting = host.start();
    await until(() => host.web !== undefined);
    const url = host.web?.url as string;
    expect([await status(`${url}/health/live`), await status(`${url}/health/ready`)]).toEqual([200, 503]);
    expect(await status(`${url}/api/services/Math/restart`, { method: "POST" })).toBe(503);
    const waiting = fetch(`${url}/api/services/Math/actions/add`, { method: "POST", body: '{"a":1,"b":2}', headers: { "content-type": "application/json" } });
    gate.resolve();
    await starting;
    expect(await (await waiting).json()).toMatchObject({ result: { sum: 3 } });
    expect(await status(`${url}/health/ready`)).toBe(200);
    await host.stop();
  });

  test("is closed again where a service fails to start", async () => {
    const failing = defineService("Failing", { startupOrder: 1, actions: {}, execute: async () => Promise.reject(new Error("no")) });
    const host = new SoraHost({ ...base, services: [failing], web: { port: 0 } });
    await expect(host.start()).rejects.toMatchObject({ code: "SORA_STARTUP_FAILED" });
    expect(await unanswered(`${host.web?.url}/health/live`)).toBe(true);
  });

  test.each<[string, Partial<SoraHostOptions>]>([
    ["in Production", { environment: "Production", web: { port: 0 } }],
    ["at another address", { web: { port: 0, address: "0.0.0.0" } }],
    ["at another address of the configuration", { web: { port: 0 }, configuration: { Sora: { Web: { Address: "0.0.0.0" } } } }],
    ["in an environment of one's own", { environment: "Staging", web: { port: 0 } }],
  ])("without a token refuses to start %s, before any service runs", async (_, options) => {
    let ran = false;
    const service = defineService("Work", { startupOrder: 1, actions: {}, execute: async () => void (ran = true) });
    await expect(SoraHost.start({ ...base, services: [service], ...options })).rejects.toMatchObject({
      code: "SORA_CONFIGURATION_INVALID",
      message: expect.stringContaining("no token"),
    });
    expect(ran).toBe(false);
  });

  test("refuses a short token with its key, and does not show it", async () => {
    const error = await SoraHost.start({ ...base, web: { port: 0 }, configuration: { Sora: { Web: { Token: "short-secret" } } } }).catch(
      (thrown: unknown) => thrown as Error,
    );
    expect(error).toMatchObject({ code: "SORA_CONFIGURATION_INVALID", message: expect.stringContaining("Sora:Web:Token") });
    expect((error as Error).message).not.toContain("short-secret");
  });

  test("says that the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise(resolve => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    await expect(SoraHost.start({ ...base, web: { port } })).rejects.toMatchObject({
      code: "SORA_CONFIGURATION_INVALID",
      message: `Cannot listen on 127.0.0.1:${port}: the port is taken.`,
    });
    other.close();
  });

  test("listens on IPv6", async ({ skip }) => {
    const host = await SoraHost.start({ ...base, web: { port: 0, address: "::1" } }).catch((error: Error) =>
      /EADDRNOTAVAIL|EAFNOSUPPORT/.test(error.message) ? undefined : Promise.reject(error),
    );
    if (host === undefined) return skip("this machine has no IPv6");
    expect(host.web?.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect(await status(`${host.web?.url}/api/services`)).toBe(200);
    await host.stop();
  });
});

describe("a host that stops under load", () => {
  test("turns unready first, loses no call it took, ends 20 streams and is closed in time", async () => {
    const gate = Promise.withResolvers<void>();
    const service = defineService("Work", {
      events: { Tick },
      actions: { hold: async () => (await gate.promise, "held"), quick: async () => "quick" },
    });
    const host = await SoraHost.start({ ...base, services: [service], web: { port: 0 }, shutdownTimeout: "10s" });
    const url = host.web?.url as string;
    const call = (action: string) => fetch(`${url}/api/services/Work/actions/${action}`, { method: "POST" });
    const streams = await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/api/events`)));
    const held = Array.from({ length: 200 }, () => call("hold"));
    await until(() => host.list()[0]?.inFlight === 200);

    const answers = new Map<number | string, number>();
    let pressing = true;
    const load = Array.from({ length: 10 }, async () => {
      while (pressing) {
        const answer = await call("quick").then(
          async response => (await response.text(), response.status),
          () => "refused",
        );
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (answer === "refused") return;
      }
    });
    await until(() => (answers.get(200) ?? 0) > 50);
    const began = performance.now();
    const stopping = host.stop();
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, ready.headers.get("retry-after")]).toEqual([503, "1"]);
    await until(() => (answers.get(503) ?? 0) > 10);
    const refused = await call("quick");
    expect([refused.status, refused.headers.get("retry-after"), ((await refused.json()) as { code: string }).code]).toEqual([503, "1", "SORA_HOST_UNREADY"]);
    gate.resolve();
    const report = await stopping;
    pressing = false;
    await Promise.all(load);

    expect(report).toMatchObject({ exitCode: 0, culprits: [] });
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await Promise.all(held.map(async each => ((await (await each).json()) as { result: string }).result))).toEqual(
      Array.from({ length: 200 }, () => "held"),
    );
    expect([...answers.keys()].filter(answer => ![200, 503, "refused"].includes(answer))).toEqual([]);
    const endings = await Promise.all(streams.map(stream => stream.text()));
    for (const ending of endings) expect(ending).toContain("sora.close");
    expect(await unanswered(`${url}/health/live`)).toBe(true);
  });

  test("is closed in time though a client keeps its connection, and one never finishes its request", async () => {
    const { sendRaw } = await import("./fixtures/raw-client.ts");
    const host = await SoraHost.start({ ...base, web: { port: 0 }, shutdownTimeout: "5s" });
    const { port } = host.web as { port: number };
    const unfinished = sendRaw(
      port,
      "POST /api/services/x/trigger HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{",
      { until: "closed" },
    );
    const answered = Promise.withResolvers<void>();
    const idle = sendRaw(port, "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", { until: "closed", onData: answered.resolve });
    await answered.promise; // the connection before it has been taken too, as the server takes them in turn
    const report = await host.stop();
    expect(report.culprits).toEqual([]);
    expect(report.duration).toBeLessThan(4_000); // of the five seconds that it has
    expect([(await idle).closed, (await unfinished).closed]).toEqual([true, true]);
  });
});

describe("serveSora", () => {
  test("serves a host that runs already, until it is closed; the host goes on", async () => {
    const { service } = mathService();
    await using host = await SoraHost.start({ ...base, services: [service] });
    const web = await serveSora(host, { port: 0 });
    expect(await status(`${web.url}/health/ready`)).toBe(200);
    await Promise.all([web.close(), web.close()]);
    expect(await unanswered(`${web.url}/health/live`)).toBe(true);
    expect(host.list()[0]?.state).toBe("running");
    await using again = await serveSora(host, { port: web.port });
    expect(await status(`${again.url}/health/ready`)).toBe(200);
  });

  test("needs a host that has been started", async () => {
    await expect(serveSora(new SoraHost(base), { port: 0 })).rejects.toMatchObject({ code: "SORA_HOST_NOT_RUNNING" });
  });

  test("passes no context of the code that opened it on to calls", async () => {
    const urls: string[] = [];
    const service = defineService("Opener", {
      actions: {
        open: async () => {
          urls.push((await serveSora(host, { port: 0 })).url);
        },
        whoAmI: async ({ correlationId }) => correlationId,
      },
    });
    const host = await SoraHost.start({ ...base, services: [service] });
    await host.services(service).do("open").withCorrelationId("opener").execute();
    const answers = await Promise.all(
      [1, 2].map(async () => (await (await fetch(`${urls[0]}/api/services/Opener/actions/who-am-i`, { method: "POST" })).json()) as { result: string }),
    );
    expect(answers.map(({ result }) => result)).not.toContain("opener");
    await host.stop();
  });
});
