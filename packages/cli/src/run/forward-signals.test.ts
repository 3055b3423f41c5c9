import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { exitStatus } from "./exit-status.ts";
import { forwardSignals } from "./forward-signals.ts";

describe("forwardSignals", () => {
  test("hands each signal on once, however often it arrives at a time, and a later one again", () => {
    const source = new EventEmitter();
    const seen: unknown[] = [];
    let now = 0;
    forwardSignals(
      source,
      false,
      (...given) => seen.push(given),
      () => now,
    );
    source.emit("SIGINT", "SIGINT");
    now = 400;
    source.emit("SIGINT", "SIGINT");
    source.emit("SIGTERM", "SIGTERM");
    now = 2_000;
    source.emit("SIGTERM", "SIGTERM");
    expect(seen).toEqual([
      ["SIGINT", false],
      ["SIGTERM", false],
      ["SIGTERM", false],
    ]);
  });

  test("knows that a terminal delivers Ctrl-C to the child, and nothing else", () => {
    const source = new EventEmitter();
    const seen: unknown[] = [];
    const letGo = forwardSignals(source, true, (...given) => seen.push(given));
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) source.emit(name, name);
    letGo();
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) source.emit(name, name);
    expect(seen).toEqual([
      ["SIGINT", true],
      ["SIGTERM", false],
      ["SIGHUP", false],
    ]);
    expect(source.eventNames()).toEqual([]);
  });
});

test("exitStatus is what a shell shows", () => {
  expect([exitStatus(0, null), exitStatus(3, null), exitStatus(null, "SIGINT"), exitStatus(null, "SIGTERM"), exitStatus(null, "SIGKILL")]).toEqual([
    0, 3, 130, 143, 137,
  ]);
});
