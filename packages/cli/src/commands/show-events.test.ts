import { createVirtualClock } from "@sora/core/testing";
import { describe, expect, test } from "vitest";
import type { ServerResponse } from "node:http";
import { FakeControlPlane } from "../fixtures/fake-control-plane.ts";
import { runCommand } from "../fixtures/run-command.ts";

const at = new Date(2026, 0, 2, 9, 5, 3, 7).getTime();
const open = 'retry: 3000\nid: e.0\nevent: sora.open\ndata: {"node":"vm-1","at":1}\n\n';
const greeted = `id: e.1\ndata: {"service":"Greeter","event":"Greeted","at":${at},"correlationId":"c1","args":{"name":"Ada"}}\n\n`;
const moved = `id: e.2\nevent: sora.state\ndata: {"service":"Crash","before":"running","state":"failed","at":${at},"reason":"no database"}\n\n`;
const gap = 'id: e.0\nevent: gap\ndata: {"reason":"restarted","lastEventId":"0"}\n\n';

function stream(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(text);
}

describe("events", () => {
  test("prints what is kept, and ends when there is no more", async () => {
    const clock = createVirtualClock();
    await using plane = await FakeControlPlane.start({ "GET /api/events": response => stream(response, open + gap + greeted + moved) });
    const done = runCommand(["events", "--url", plane.url], { clock, onOutput: text => void (text.includes("failed") && clock.advance("1s")) });
    expect(await done).toEqual({
      status: 0,
      err: "",
      out: '09:05:03.007  Greeter  Greeted  {"name":"Ada"}\n09:05:03.007  Crash    running → failed  no database\n',
    });
    expect(plane.requests[0]?.headers["last-event-id"]).toBe("0");
  });

  test("says why there may be nothing", async () => {
    const clock = createVirtualClock();
    const connected = Promise.withResolvers<void>();
    await using plane = await FakeControlPlane.start({
      "GET /api/services/Greeter/events": response => {
        stream(response, open);
        connected.resolve();
      },
    });
    let run: Awaited<ReturnType<typeof runCommand>> | undefined;
    void runCommand(["events", "Greeter", "--url", plane.url], { clock }).then(result => (run = result));
    await connected.promise;
    while (run === undefined) {
      await new Promise(resolve => setImmediate(resolve));
      await clock.advance("500ms");
    }
    expect(run).toEqual({ status: 0, out: "", err: "Nothing is kept. A host keeps what happens while somebody follows it, and for five minutes after.\n" });
  });

  test("says that what came after an id is not all kept", async () => {
    const clock = createVirtualClock();
    await using plane = await FakeControlPlane.start({ "GET /api/events": response => stream(response, open + gap + greeted) });
    const { out } = await runCommand(["events", "--after", "d.9", "--url", plane.url], {
      clock,
      onOutput: text => void (text.includes("Greeted") && clock.advance("1s")),
    });
    expect(out.split("\n")[0]).toBe("… events before this one are no longer kept");
    expect(plane.requests[0]?.headers["last-event-id"]).toBe("d.9");
  });

  test("--follow goes on until Ctrl-C, and ends with 0", async () => {
    const stop = new AbortController();
    await using plane = await FakeControlPlane.start({ "GET /api/events": response => stream(response, open + greeted + moved) });
    const run = await runCommand(["events", "--follow", "--url", plane.url], {
      interrupted: stop.signal,
      onOutput: text => void (text.includes("failed") && stop.abort()),
    });
    expect(run).toMatchObject({ status: 0, err: "" });
    expect(run.out.split("\n")).toHaveLength(3);
    expect(plane.requests[0]?.headers["last-event-id"]).toBeUndefined();
  });

  test("--follow comes back after the last event where the connection is lost, and says so at a terminal", async () => {
    const stop = new AbortController();
    const clock = createVirtualClock();
    let visits = 0;
    await using plane = await FakeControlPlane.start({
      "GET /api/events": response => {
        visits++;
        if (visits === 2) return void response.destroy();
        stream(response, visits === 1 ? open + greeted : moved);
        if (visits === 1) setImmediate(() => response.end('event: sora.close\ndata: {"reason":"the server closes"}\n\n'));
      },
    });
    const running = runCommand(["events", "-f", "--url", plane.url], {
      terminal: 80,
      env: { NO_COLOR: "1" },
      clock,
      interrupted: stop.signal,
      onOutput: text => void (text.includes("failed") && stop.abort()),
    });
    while (visits < 3) {
      await new Promise(resolve => setImmediate(resolve));
      await clock.advance("3s");
    }
    const { status, out, err } = await running;
    expect(status).toBe(0);
    expect(out.split("\n")).toHaveLength(3);
    expect(plane.requests.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "e.1", "e.1"]);
    expect(err).toBe(`Following everything at ${plane.url}; Ctrl-C ends.\nThe connection is lost; trying again.\nConnected again.\n`);
  });

  test("--follow does not begin where there is no host, or where the service is unknown", async () => {
    await using plane = await FakeControlPlane.start({
      "GET /api/services/x/events": { status: 404, problem: { code: "SORA_SERVICE_UNKNOWN", detail: 'There is no service "x" on this host' } },
    });
    expect(await runCommand(["events", "x", "--follow", "--url", plane.url])).toMatchObject({
      status: 1,
      err: expect.stringContaining('There is no service "x"') as string,
    });
    const { url } = plane;
    await plane[Symbol.asyncDispose]();
    expect(await runCommand(["events", "--follow", "--url", url])).toMatchObject({
      status: 1,
      err: expect.stringContaining("the connection is refused") as string,
    });
  });

  test("--json is a document a line, each with its id and type", async () => {
    const stop = new AbortController();
    await using plane = await FakeControlPlane.start({ "GET /api/events": response => stream(response, open + greeted + moved) });
    const { out } = await runCommand(["events", "--follow", "--json", "--url", plane.url], {
      interrupted: stop.signal,
      onOutput: text => void (text.includes("failed") && stop.abort()),
    });
    expect(
      out
        .trimEnd()
        .split("\n")
        .map(line => JSON.parse(line) as unknown),
    ).toEqual([
      { id: "e.1", type: "event", service: "Greeter", event: "Greeted", at, correlationId: "c1", args: { name: "Ada" } },
      { id: "e.2", type: "state", service: "Crash", before: "running", state: "failed", at, reason: "no database" },
    ]);
  });
});
