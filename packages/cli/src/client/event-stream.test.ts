import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEvents } from "./event-stream.ts";
import type { StreamedEvent } from "./event-stream.ts";

async function read(...chunks: readonly (string | Uint8Array)[]): Promise<StreamedEvent[]> {
  async function* source(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
  const events: StreamedEvent[] = [];
  for await (const event of readEvents(source())) events.push(event);
  return events;
}

describe("readEvents", () => {
  test("reads ids, types, data of several lines, retry and comments", async () => {
    expect(await read(":hello\n\nretry: 3000\nid: a.1\nevent: sora.open\ndata: {}\n\ndata: one\ndata:two\n\nid\ndata\n\n")).toEqual([
      { id: "a.1", event: "sora.open", data: "{}", retry: 3_000 },
      { id: "a.1", event: "message", data: "one\ntwo", retry: 3_000 },
      { id: "", event: "message", data: "", retry: 3_000 },
    ]);
  });

  test("leaves out what is no field, an event without data, and one that the end of the stream cuts off", async () => {
    expect(await read("retry: soon\nid: a\0b\nother: x\nevent: none\n\nid: kept\n:\n\ndata: x\n\ndata: half")).toEqual([
      { id: "kept", event: "message", data: "x", retry: undefined },
    ]);
  });

  test("reads the same however the bytes come, whatever ends the lines", async () => {
    const text = "id: 1\ndata: grüße 💥\n\nevent: e\ndata: a\ndata: b\n\n";
    const whole = await read(text);
    expect(whole).toHaveLength(2);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("\n", "\r\n", "\r"), fc.array(fc.nat({ max: 80 })), async (end, cuts) => {
        const bytes = Buffer.from(`${text.replaceAll("\n", end)}:\n`);
        const places = [...new Set([0, ...cuts.filter(cut => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
        expect(await read(...places.slice(1).map((to, index) => bytes.subarray(places[index], to)))).toEqual(whole);
      }),
    );
  });
});
