import { describe, expect, test } from "vitest";
import { outboxProcessor } from "@sora/core";
import { createMemoryStore } from "@sora/core/testing";
import { storedStage } from "../fixtures/stored-stage.ts";

const post = (body?: unknown) => ({ method: "POST", ...(body === undefined ? {} : { body }) });

/** Three messages that cannot be published until `works`. */
async function deadStage() {
  const published: string[] = [];
  const control = { works: false };
  const processor = outboxProcessor({
    retry: { attempts: 1 },
    publish: ({ topic }) => {
      if (!control.works) throw new Error("refused by https://app:canary@queue.example");
      published.push(topic);
    },
  });
  const stage = await storedStage({ beside: [processor] });
  for (const topic of ["one", "two", "three"]) await stage.host.outbox.append(topic, { secret: "canary" });
  await stage.host.clock.advance("10s");
  return Object.assign(stage, { published, publishing: control });
}

describe("GET /api/outbox", () => {
  test("counts what waits and lists what is dead, without what it says", async () => {
    await using stage = await deadStage();
    const answer = await stage.ask("/api/outbox");
    expect(answer).toMatchObject({
      status: 200,
      json: {
        waiting: 0,
        dead: 3,
        messages: ["one", "two", "three"].map(topic => ({
          topic,
          failures: 1,
          error: "Error: refused by https://***@queue.example",
          sequence: expect.any(Number) as number,
        })),
      },
    });
    expect(answer.text).not.toContain("canary");
    expect((await stage.ask("/api/outbox?limit=1")).json).toMatchObject({ dead: 3, messages: [{ topic: "one" }] });
    expect((await stage.ask("/api/outbox?limit=x")).status).toBe(400);
  });
});

describe("POST /api/outbox/retry", () => {
  test("has those named published after all, or all that are dead", async () => {
    await using stage = await deadStage();
    stage.publishing.works = true;
    const { messages } = (await stage.ask("/api/outbox")).json as { messages: { sequence: number }[] };
    expect((await stage.ask("/api/outbox/retry", post({ sequences: [messages[1]?.sequence, 99_999] }))).json).toEqual({ retried: 1 });
    await stage.host.clock.advance("10s");
    expect(stage.published).toEqual(["two"]);
    expect((await stage.ask("/api/outbox/retry", post({ all: true }))).json).toEqual({ retried: 2 });
    await stage.host.clock.advance("10s");
    expect(stage.published).toEqual(["two", "one", "three"]);
    expect((await stage.ask("/api/outbox")).json).toEqual({ waiting: 0, dead: 0, messages: [] });
  });

  test("has all that are dead tried again, though those of the first page die again at once", async () => {
    const store = createMemoryStore();
    await using stage = await storedStage({ host: { store } });
    const dead = Array.from({ length: 2_500 }, (_, n) => ({
      sequence: n + 1,
      id: `m${n}`,
      topic: "t",
      payload: "1",
      envelope: "{}",
      failures: 1,
      writtenAt: 0,
      error: "no",
    }));
    const tried: number[] = [];
    store.outbox.dead = async limit => dead.slice(0, limit);
    store.outbox.retry = async sequences => (tried.push(...sequences), sequences.length);
    expect((await stage.ask("/api/outbox/retry", post({ all: true }))).json).toEqual({ retried: 2_500 });
    expect(tried).toEqual(dead.map(({ sequence }) => sequence));
  });

  test.each([
    undefined,
    {},
    [],
    { all: false },
    { sequences: "1" },
    { sequences: ["1"] },
    { sequences: [1.5] },
    { sequences: [-1] },
    { sequences: [1], all: true },
    { sequences: [1], more: 1 },
    { sequences: Array.from({ length: 1_001 }, (_, n) => n) },
  ])("refuses %j with 400", async body => {
    await using stage = await storedStage();
    expect(await stage.ask("/api/outbox/retry", post(body))).toMatchObject({ status: 400, json: { code: "SORA_BODY_INVALID" } });
  });
});
