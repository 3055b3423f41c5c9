import { setImmediate as endOfTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { NodeListener } from "./node-listener.ts";

/** A listener whose requests are answered at once, with what it has written so far. */
function stage() {
  let now = 0;
  const written: string[] = [];
  const app = {
    options: { prefix: "", timeouts: { reply: 1_000 } },
    control: { clock: { monotonic: () => now } },
    has: (request: { path: string }) => request.path !== "/elsewhere",
    respond: (request: { path: string }, write: (reply: object) => void) => write({ kind: "text", status: 200, type: "text/plain", body: request.path }),
  };
  const listener = new NodeListener(app as never);
  const ask = (path: string, next?: () => void): void => {
    const response = { destroyed: false, headersSent: false, socket: null, writeHead: () => {}, end: (body: string) => void written.push(body) };
    listener.listen({ method: "GET", url: path, headers: {} } as never, response as never, next);
  };
  return { ask, written, pass: (milliseconds: number) => (now += milliseconds) };
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

test("NodeListener hands on what is no route of the control plane, and answers it all the same where nothing comes after", async () => {
  const { ask, written } = stage();
  let handedOn = 0;
  ask("/elsewhere", () => handedOn++);
  ask("/elsewhere");
  await endOfTurn();
  expect(handedOn).toBe(1);
  expect(written).toEqual(["/elsewhere"]);
});
