import { once } from "node:events";
import { connect } from "node:net";
import { EventSource } from "eventsource";
import { afterEach, describe, expect, test } from "vitest";
import { defineService, serviceEvent, type } from "@sora/core";
import { createTestHost } from "@sora/core/testing";
import type { TestHost } from "@sora/core/testing";
import { createSoraWeb, serveSora } from "@sora/web";
import type { SoraWebServer, WebOptions } from "@sora/web";

const Happened = serviceEvent("Happened", type<unknown>());
const emits = {
  events: { Happened },
  actions: {
    emit: {
      parameters: type<unknown>(),
      run: async (args: unknown, { emit }: { emit: (event: typeof Happened, args: unknown) => Promise<void> }) => emit(Happened, args),
    },
  },
};
const Source = defineService("Source", emits);
const Other = defineService("Other", emits);

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Stage {
  readonly host: TestHost;
  readonly web: SoraWebServer;
  emit(args: unknown, service?: typeof Source): Promise<unknown>;
  /** Opens a stream and reads it event by event. */
  listen(path?: string, headers?: Readonly<Record<string, string>>): Promise<Reader>;
}

async function stage(options: WebOptions = {}, seed = 1): Promise<Stage> {
  const host = await createTestHost({ services: [Source, Other], seed });
  const web = await serveSora(host, { port: 0, ...options });
  open.push(
    () => web.close(100),
    () => host.stop(),
  );
  return {
    host,
    web,
    emit: (args, service = Source) => host.services(service).do("emit", args).execute(),
    listen: async (path = "/api/events", headers = {}) => {
      const reader = new Reader(await fetch(web.url + path, { headers }));
      open.push(() => reader.close());
      return reader;
    },
  };
}

interface Received {
  readonly id?: string;
  readonly event?: string;
  readonly data?: unknown;
  readonly comment?: true;
  readonly retry?: string;
}

/** Reads server-sent events one block at a time. */
class Reader {
  readonly response: Response;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #text = "";

  constructor(response: Response) {
    this.response = response;
    this.#chunks = (response.body as unknown as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  /** The next block; `undefined` at the end of the stream. */
  async next(): Promise<Received | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return parse(block);
      }
      const { value, done } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#text += Buffer.from(value).toString("utf8");
    }
  }

  async take(count: number): Promise<(Received | undefined)[]> {
    const received: (Received | undefined)[] = [];
    while (received.length < count) received.push(await this.next());
    return received;
  }

  /** Arguments of the next `count` events. */
  async args(count: number): Promise<unknown[]> {
    return (await this.take(count)).map(block => (block?.data as { args: unknown } | undefined)?.args);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

function parse(block: string): Received {
  const fields: Record<string, unknown> = {};
  for (const line of block.split("\n")) {
    const [, name = "", value = ""] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    if (name === "") fields["comment"] = true;
    else fields[name] = name === "data" ? (JSON.parse(value) as unknown) : value;
  }
  return fields;
}

describe("GET /api/events", () => {
  test("streams every event of every service, with where it came from and secrets redacted", async () => {
    const { listen, emit } = await stage();
    const reader = await listen();
    expect(reader.response.headers.get("content-type")).toBe("text/event-stream");
    expect(reader.response.headers.get("cache-control")).toBe("no-cache, no-transform");
    const opening = await reader.next();
    expect(opening).toMatchObject({ event: "sora.open", retry: "3000", data: { node: "test" }, id: expect.stringMatching(/^[a-z\d]+\.0$/) as string });
    await emit({ n: 1, password: "canary" });
    await emit({ n: 2 }, Other);
    const epoch = String(opening?.id).split(".")[0] as string;
    expect(await reader.take(2)).toEqual([
      {
        id: `${epoch}.1`,
        data: {
          service: "Source",
          event: "Happened",
          at: Date.parse("2026-01-01"),
          correlationId: expect.any(String) as string,
          args: { n: 1, password: "***" },
        },
      },
      {
        id: `${epoch}.2`,
        data: { service: "Other", event: "Happened", at: Date.parse("2026-01-01"), correlationId: expect.any(String) as string, args: { n: 2 } },
      },
    ]);
  });

  test("streams changes of state as sora.state", async () => {
    const { listen, host } = await stage();
    const reader = await listen();
    await reader.next();
    await host.stopService("Source");
    expect(await reader.take(2)).toMatchObject([
      { event: "sora.state", data: { service: "Source", before: "running", state: "stopping", reason: "asked to" } },
      { event: "sora.state", data: { service: "Source", before: "stopping", state: "stopped" } },
    ]);
  });

  test("of one service leaves the others out, takes its name whatever the case, and refuses one it does not know", async () => {
    const { listen, emit, web } = await stage();
    const reader = await listen("/api/services/SOURCE/events");
    await reader.next();
    await emit(1, Other);
    await emit(2);
    expect(await reader.args(1)).toEqual([2]);
    const unknown = await fetch(`${web.url}/api/services/Sorce/events`);
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: "SORA_SERVICE_UNKNOWN", nearest: "Source" }]);
  });

  test("resumes after Last-Event-ID, given as a header or in the query, with nothing lost and nothing twice", async () => {
    const { listen, emit } = await stage();
    const first = await listen();
    await first.next();
    for (let n = 1; n <= 3; n++) await emit(n);
    const [, second] = await first.take(2);
    await first.close();
    for (let n = 4; n <= 6; n++) await emit(n);
    for (const again of [await listen("/api/events", { "last-event-id": String(second?.id) }), await listen(`/api/events?lastEventId=${String(second?.id)}`)]) {
      expect(await again.next()).toMatchObject({ event: "sora.open", id: second?.id });
      expect(await again.args(4)).toEqual([3, 4, 5, 6]);
    }
  });

  test("announces a gap where events after the id are no longer kept", async () => {
    const { listen, emit } = await stage();
    const first = await listen();
    const opening = await first.next();
    for (let n = 1; n <= 1_100; n++) await emit(n);
    const again = await listen("/api/events", { "last-event-id": String(opening?.id) });
    await again.next();
    expect(await again.next()).toMatchObject({ event: "gap", data: { reason: "expired", lastEventId: opening?.id } });
    const rest = await again.args(1_024);
    expect([rest[0], rest.at(-1)]).toEqual([77, 1_100]);
  });

  test("announces a gap to a client of the process before a restart", async () => {
    const before = await stage();
    const reader = await before.listen();
    await reader.next();
    await before.emit(1);
    const last = await reader.next();
    await before.host.stop();
    const after = await stage({}, 2);
    const again = await after.listen("/api/events", { "last-event-id": String(last?.id) });
    expect(await again.take(2)).toMatchObject([{ event: "sora.open" }, { event: "gap", data: { reason: "restarted", lastEventId: last?.id } }]);
    await after.emit(2);
    expect(await again.args(1)).toEqual([2]);
  });

  test("records five minutes on after the last client has gone, and then no more", async () => {
    const host = await createTestHost({ services: [Source] });
    open.push(() => host.stop());
    const web = createSoraWeb(host);
    const listen = async (lastEventId?: string): Promise<Reader> =>
      new Reader(await web.fetch(new Request("http://localhost/api/events", lastEventId === undefined ? {} : { headers: { "last-event-id": lastEventId } })));
    const first = await listen();
    const opening = await first.next();
    await first.close();
    await host.services(Source).do("emit", 1).execute();
    await host.clock.advance("299s");
    const second = await listen(opening?.id);
    await second.next();
    expect(await second.args(1)).toEqual([1]);
    await second.close();
    await host.clock.advance("301s");
    await host.services(Source).do("emit", 2).execute();
    const third = await listen(opening?.id);
    expect(await third.take(2)).toMatchObject([{ event: "sora.open" }, { event: "gap", data: { reason: "restarted" } }]);
    await third.close();
  });

  test("beats every 15 s, with the place where only other services had events", async () => {
    const { listen, emit, host } = await stage();
    const reader = await listen("/api/services/Source/events");
    const opening = await reader.next();
    await host.clock.advance("14999ms");
    await emit(1);
    expect(await reader.args(1)).toEqual([1]);
    await host.clock.advance("1ms");
    expect(await reader.next()).toEqual({ comment: true });
    await emit(2, Other);
    await host.clock.advance("15s");
    expect(await reader.next()).toEqual({ comment: true, id: String(opening?.id).replace(".0", ".2") });
  });

  test("refuses more streams than its limit, and takes one again when one has ended", async () => {
    const { listen, web } = await stage();
    const readers = await Promise.all(Array.from({ length: 32 }, () => listen()));
    expect(readers.map(({ response }) => response.status)).toEqual(Array.from({ length: 32 }, () => 200));
    const refused = await fetch(`${web.url}/api/events`);
    expect([refused.status, refused.headers.get("content-type"), refused.headers.get("retry-after")]).toEqual([503, "application/problem+json", "5"]);
    expect(await refused.json()).toMatchObject({ code: "SORA_STREAMS_EXHAUSTED", status: 503 });
    const head = await fetch(`${web.url}/api/events`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    await readers[7]?.close();
    let again: Response;
    do again = await fetch(`${web.url}/api/events`);
    while (again.status === 503);
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });

  test("ends when the host stops, after the last change of state, and says when to come back", async () => {
    const { listen, host } = await stage();
    const reader = await listen();
    await host.stop();
    const received: Received[] = [];
    for (let block = await reader.next(); block !== undefined; block = await reader.next()) received.push(block);
    expect(received.at(-1)).toEqual({ retry: "5000", event: "sora.close", data: { reason: "the host has stopped" } });
    expect(received.at(-2)).toMatchObject({ event: "sora.state", data: { state: "stopped" } });
  });

  test("ends when its server closes while the host runs on, and the server is closed at once", async () => {
    const { listen, web, host } = await stage();
    const reader = await listen();
    await reader.next();
    await web.close();
    expect(await reader.take(2)).toEqual([{ retry: "5000", event: "sora.close", data: { reason: "the server closes" } }, undefined]);
    expect(host.lifetime.stopping.aborted).toBe(false);
  });

  test("cuts a client off that stops reading, and spares the others", async () => {
    const { listen, web, emit } = await stage({ streams: 2 });
    const reader = await listen();
    await reader.next();
    const stalled = connect(web.port, "127.0.0.1");
    open.push(() => stalled.destroy());
    stalled.on("error", () => {}); // its connection is reset
    stalled.write("GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await once(stalled, "data");
    stalled.pause();
    let sent = 0;
    let place = 503;
    for (; place === 503 && sent < 500; sent++) {
      await emit({ n: sent, padding: "x".repeat(100_000) });
      expect(await reader.args(1)).toMatchObject([{ n: sent }]);
      const probe = await fetch(`${web.url}/api/events`);
      place = probe.status;
      await probe.body?.cancel();
    }
    expect(place).toBe(200);
    await emit("after");
    expect(await reader.args(1)).toEqual(["after"]);
  });

  test("is followed by an EventSource through a broken connection, with nothing lost and nothing twice", async () => {
    const { web, emit } = await stage();
    const seen: unknown[] = [];
    let lives = 0;
    let cut = (): void => {};
    const source = new EventSource(`${web.url}/api/events`, {
      // The time a client waits before it comes back is shortened, and the connection can be cut.
      fetch: async (url, init) => {
        lives++;
        const leaving = new AbortController();
        cut = () => leaving.abort(new Error("the connection is cut"));
        const response = await fetch(url, { ...init, signal: leaving.signal });
        const hurried = new TransformStream<Uint8Array, Uint8Array>({
          transform: (chunk, controller) => controller.enqueue(Buffer.from(Buffer.from(chunk).toString("latin1").replace("retry: 3000", "retry: 1"), "latin1")),
        });
        return new Response(response.body?.pipeThrough(hurried), { status: response.status, headers: response.headers });
      },
    });
    open.push(() => source.close());
    const heard = async (count: number): Promise<void> => {
      while (seen.length < count) await once(source as never, "message");
    };
    source.addEventListener("message", ({ data }) => seen.push((JSON.parse(data as string) as { args: unknown }).args));
    await once(source as never, "sora.open");
    for (let life = 0; life < 5; life++) {
      await emit(2 * life);
      await heard(2 * life + 1);
      cut();
      await emit(2 * life + 1);
      await heard(2 * life + 2);
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(lives).toBe(6);
  });
});

test("EventStreams costs nothing until the first client listens", async () => {
  const host = await createTestHost({ services: [Source] });
  open.push(() => host.stop());
  createSoraWeb(host);
  let looks = 0;
  const args = new Proxy({}, { ownKeys: () => (looks++, []) });
  await host.services(Source).do("emit", args).execute();
  expect(looks).toBe(0);
});
