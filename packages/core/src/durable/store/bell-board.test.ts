import { expect, test } from "vitest";
import { createMemoryLogger } from "../../logging/memory-logger.ts";
import { BellBoard } from "./bell-board.ts";
import type { StoreBell } from "./durable-store.ts";
import { everyBell } from "./durable-store.ts";

test("BellBoard rings for each listening once, however often its function was given", () => {
  const [board, logger] = [new BellBoard("the test's store"), createMemoryLogger()];
  const heard: StoreBell[] = [];
  const listener = (bell: StoreBell): void => void heard.push(bell);
  using _first = board.listen(listener);
  const second = board.listen(listener);
  board.ring({ kind: "ready" }, logger);
  expect([heard.length, board.size]).toEqual([2, 2]);
  second[Symbol.dispose]();
  second[Symbol.dispose]();
  board.ring({ kind: "ready" }, logger);
  expect([heard.length, board.size]).toEqual([3, 1]);
  board.clear();
  board.ring({ kind: "ready" }, logger);
  expect([heard.length, board.size]).toEqual([3, 0]);
});

test("BellBoard logs what a listener throws, and rings on", () => {
  const [board, logger] = [new BellBoard("the test's store"), createMemoryLogger()];
  const heard: StoreBell[] = [];
  using _bad = board.listen(() => {
    throw new Error("out of order");
  });
  using _good = board.listen(bell => heard.push(bell));
  for (const bell of everyBell) board.ring(bell, logger);
  expect(heard).toEqual(everyBell);
  expect(logger.lines).toHaveLength(everyBell.length);
  expect(logger.lines[0]).toMatchObject({ level: "error", message: "A listener of the test's store threw: Error: out of order", fields: { bell: "settled" } });
});

test("BellBoard rings after the method that rings is done", async () => {
  const board = new BellBoard("the test's store");
  const heard: string[] = [];
  using _listening = board.listen(({ kind }) => heard.push(kind));
  board.ringAfter({ kind: "ready" }, createMemoryLogger());
  heard.push("done");
  await Promise.resolve();
  expect(heard).toEqual(["done", "ready"]);
});
