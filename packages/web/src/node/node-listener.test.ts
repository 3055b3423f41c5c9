import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as endOfTurn } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { NodeListener } from "./node-listener.ts";

/** A listener whose requests are answered at once, with what it has written so far. */
function stage() {
  let now = 0;
  const written: string[] = [];
  const stopping = new AbortController();
  const who = new AsyncLocalStorage<string>();
  const contexts: (string | undefined)[] = [];
  const app = {
    options: { prefix: "", timeouts: { reply: 1_000 } },
    control: { clock: { monotonic: () => now }, lifetime: { stopping: stopping.signal } },
    has: (request: { path: string }) => request.path !== "/elsewhere",
    respond: (request: { path: string }, write: (reply: object) => void) => write({ kind: "text", status: 200, type: "text/plain", body: request.path }),
  };
  const listener = new NodeListener(app as never);
  const ask = (path: string, next?: () => void): void => {
    const writeHead = (): void => void contexts.push(who.getStore());
    const response = { destroyed: false, headersSent: false, socket: { writableLength: 0 }, writeHead, end: (body: string) => void written.push(body) };
    listener.listen({ method: "GET", url: path, headers: {} } as never, response as never, next);
  };
  return { ask, written, who, contexts, stop: () => stopping.abort(), pass: (milliseconds: number) => (now += milliseconds) };
}

test("NodeListener writes the answers of one turn of the event loop at its end, in the order they were ready", async () => {
  const { ask, written } = stage();
  ask("/1");
  ask("/2");
  await Promise.resolve();
  expect(written).toEqual([]);
  await endOfTurn();
  expect(written).toEqual(["/1", "/2"]);
  ask("/3");
  await endOfTurn();
  expect(written).toEqual(["/1", "/2", "/3"]);
});

test("NodeListener keeps no answer back for more than 64, or for longer than a millisecond while it works on others", async () => {
  const { ask, written, pass } = stage();
  for (let i = 1; i < 64; i++) ask(`/${i}`);
  expect(written).toEqual([]);
  ask("/64");
  expect(written).toHaveLength(64);
  ask("/65");
  pass(1);
  expect(written).toHaveLength(64);
  ask("/66");
  expect(written).toHaveLength(66);
  await endOfTurn();
  expect(written).toHaveLength(66);
});

test("NodeListener writes each answer in the async context of its own request", async () => {
  const { ask, who, contexts } = stage();
  for (const name of ["Ada", "Grace", "Alan"]) who.run(name, ask, `/${name}`);
  await endOfTurn();
  expect(contexts).toEqual(["Ada", "Grace", "Alan"]);
});

test("NodeListener writes what is ready when the host stops, and from then on each answer at once, since the process may end with the host", async () => {
  const { ask, written, stop } = stage();
  ask("/1");
  stop();
  expect(written).toEqual(["/1"]);
  ask("/2");
  expect(written).toEqual(["/1", "/2"]);
  await endOfTurn();
  expect(written).toEqual(["/1", "/2"]);
});

test("NodeListener answers where a test has put fake timers in place of the real ones", async () => {
  const { ask, written } = stage();
  vi.useFakeTimers();
  try {
    ask("/1");
    await endOfTurn();
    expect(written).toEqual(["/1"]);
  } finally {
    vi.useRealTimers();
  }
});

test("NodeListener hands on what is no route of the control plane, and answers it all the same where nothing comes after", async () => {
  const { ask, written } = stage();
  let handedOn = 0;
  ask("/elsewhere", () => handedOn++);
  ask("/elsewhere");
  await endOfTurn();
  expect(handedOn).toBe(1);
  expect(written).toEqual(["/elsewhere"]);
});
