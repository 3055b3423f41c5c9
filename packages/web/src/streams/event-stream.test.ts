import { describe, expect, test } from "vitest";
import { EventLog } from "./event-log.ts";
import { EventStream, stalledAt } from "./event-stream.ts";
import type { ReplySink } from "../routing/reply.ts";
import type { LogEntry } from "./event-log.ts";

/** A client that takes what it is given until it is full. */
class Client implements ReplySink {
  readonly signal: AbortSignal = new AbortController().signal;
  readonly written: string[] = [];
  full = false;
  onWrite = (): void => {};
  state: "open" | "closed" | "cut off" = "open";
  #drain = (): void => {};

  write(chunk: string): boolean {
    this.written.push(chunk);
    this.onWrite();
    return !this.full;
  }

  onDrain(callback: () => void): void {
    this.#drain = callback;
  }

  drain(): void {
    this.full = false;
    this.#drain();
  }

  close(): void {
    this.state = "closed";
  }

  destroy(): void {
    this.state = "cut off";
  }

  /** Everything written since this was asked last. */
  take(): string {
    return this.written.splice(0).join("");
  }
}

function stage({
  service,
  lastEventId,
  before = 0,
  full = false,
  limits = { entries: 4, bytes: 1e9 },
}: { service?: string; lastEventId?: string; before?: number; full?: boolean; limits?: { entries: number; bytes: number } } = {}) {
  const log = new EventLog("e", limits);
  for (let i = 1; i <= before; i++) log.append("S", undefined, String(i));
  const client = new Client();
  client.full = full;
  const stream = new EventStream(client, log, service, log.resume(lastEventId), { retry: 3_000, data: "{}", lastEventId });
  const happen = (data: string, from = "S"): boolean => {
    log.append(from, undefined, data);
    const alive = stream.note(log.at(log.next - 1) as LogEntry);
    stream.pump();
    return alive;
  };
  return { log, client, stream, happen };
}

const opening = (id: number): string => `retry: 3000\nid: e.${id}\nevent: sora.open\ndata: {}\n\n`;
const event = (id: number, data = String(id)): string => `id: e.${id}\ndata: ${data}\n\n`;
const gap = (id: number, reason: string, lastEventId: string): string => `id: e.${id}\nevent: gap\ndata: ${JSON.stringify({ reason, lastEventId })}\n\n`;

describe("EventStream", () => {
  test("begins with an opening that tells the client where it stands, and goes on with what happens", () => {
    const { client, happen } = stage({ before: 2 });
    expect(client.take()).toBe(opening(2));
    happen("3");
    expect(client.take()).toBe(event(3));
  });

  test("begins with what a client that comes back has missed", () => {
    expect(stage({ before: 4, lastEventId: "e.2" }).client.take()).toBe(opening(2) + event(3) + event(4));
    expect(stage({ before: 4, lastEventId: "e.4" }).client.take()).toBe(opening(4));
  });

  test("announces a gap where not all of it is kept, or the id is none of this log's", () => {
    expect(stage({ before: 6, lastEventId: "e.1" }).client.take()).toBe(opening(2) + gap(2, "expired", "e.1") + event(3) + event(4) + event(5) + event(6));
    expect(stage({ before: 1, lastEventId: "d.9" }).client.take()).toBe(opening(0) + gap(0, "restarted", "d.9") + event(1));
    expect(stage({ lastEventId: "x".repeat(5_000) }).client.take()).toBe(opening(0) + gap(0, "restarted", "x".repeat(100)));
  });

  test("leaves other services out", () => {
    const { client, happen } = stage({ service: "S" });
    client.take();
    happen("1", "Other");
    happen("2");
    expect(client.take()).toBe(event(2));
  });

  test("writes nothing to a client that is behind, and all of it once that has caught up", () => {
    const { client, happen } = stage();
    client.full = true;
    happen("1");
    expect(client.take()).toBe(opening(0) + event(1));
    happen("2");
    happen("3");
    expect(client.take()).toBe("");
    client.drain();
    expect(client.take()).toBe(event(2) + event(3));
    happen("4");
    expect(client.take()).toBe(event(4));
  });

  test("writes what was missed in portions, so that a long absence does not fill the client's buffer at once", () => {
    const log = new EventLog("e", { entries: 1_000, bytes: 1e9 });
    for (let i = 0; i < 400; i++) log.append("S", undefined, "x".repeat(10_000));
    const client = new Client();
    client.full = true;
    const stream = new EventStream(client, log, undefined, log.resume("e.0"), { retry: 1, data: "{}", lastEventId: "e.0" });
    expect(client.written).toHaveLength(1); // the opening, after which it is behind
    const sizes: number[] = [];
    client.onWrite = () => (client.full = true);
    while (client.take() !== "" && sizes.length < 1_000) {
      client.drain();
      sizes.push(...client.written.map(({ length }) => length));
    }
    expect(stream.beat()).toBe(true);
    expect(sizes.length).toBeGreaterThanOrEqual(58);
    expect(Math.max(...sizes)).toBeLessThan(80_000);
    expect(sizes.reduce((sum, size) => sum + size)).toBeGreaterThan(4_000_000);
  });

  test("tells a client that the log has overtaken what it lost", () => {
    const { client, happen } = stage();
    client.full = true;
    happen("1");
    client.take();
    for (let i = 2; i <= 10; i++) happen(String(i));
    client.drain();
    expect(client.take()).toBe(gap(6, "expired", "e.1") + event(7) + event(8) + event(9) + event(10));
  });

  test("cuts a client off that takes nothing while 1 MiB of its events passes", () => {
    const { client, happen } = stage({ service: "S", full: true });
    const frame = event(1, "").length + 1_000;
    const most = Math.floor(stalledAt / frame);
    for (let i = 0; i < 10 * most; i++) expect(happen("x".repeat(1_000), "Other")).toBe(true);
    let passed = 0;
    while (happen("x".repeat(1_000))) passed++;
    expect(passed).toBeGreaterThan(most * 0.98);
    expect(passed).toBeLessThanOrEqual(most);
    expect(client.state).toBe("cut off");
  });

  test("spares a client that takes something now and then", () => {
    const { client, happen } = stage({ full: true, limits: { entries: 10_000, bytes: 1e9 } });
    for (let i = 0; i < 5_000; i++) {
      if (i % 500 === 0) client.drain();
      client.full = true;
      expect(happen("x".repeat(1_000))).toBe(true);
    }
    expect(client.state).toBe("open");
  });

  test("beats with a comment, and with the place where it has moved past other services' events", () => {
    const { client, stream, happen } = stage({ service: "S" });
    client.take();
    expect(stream.beat()).toBe(true);
    expect(client.take()).toBe(":\n\n");
    happen("1", "Other");
    expect(stream.beat()).toBe(true);
    expect(client.take()).toBe("id: e.1\n:\n\n");
    expect(stream.beat()).toBe(true);
    expect(client.take()).toBe(":\n\n");
  });

  test("cuts a client off that has taken nothing for four heartbeats", () => {
    const { client, stream } = stage({ full: true });
    expect([stream.beat(), stream.beat(), stream.beat()]).toEqual([true, true, true]);
    client.drain();
    client.full = true;
    stream.beat(); // written, and now it is behind again
    expect([stream.beat(), stream.beat(), stream.beat(), client.state]).toEqual([true, true, true, "open"]);
    expect([stream.beat(), client.state]).toEqual([false, "cut off"]);
  });

  test("ends with what there is and a farewell, and without either where the client is behind", () => {
    const one = stage();
    one.client.take();
    one.log.append("S", undefined, "1");
    one.stream.end("bye\n\n");
    expect([one.client.take(), one.client.state]).toEqual([`${event(1)}bye\n\n`, "closed"]);
    const other = stage({ full: true });
    other.client.take();
    other.stream.end("bye\n\n");
    expect([other.client.take(), other.client.state]).toEqual(["", "cut off"]);
  });
});
