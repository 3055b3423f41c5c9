import { expect, test } from "vitest";
import { defineService } from "../index.ts";
import { createTestHost } from "../testing/index.ts";
import { controlOf } from "./control-of.ts";
import type { StateChange } from "./state-change.ts";

const Steady = defineService("Steady", {});

test("HostControl.watchStates tells every change with the state before and why, until it is disposed of", async () => {
  const Once = defineService("Once", {
    restart: false,
    execute: async ({ delay }) => {
      await delay("1s");
      throw new Error("the disk is full");
    },
  });
  await using host = await createTestHost({ services: [Steady, Once] });
  const changes: StateChange[] = [];
  const watching = controlOf(host).watchStates(change => changes.push(change));
  await host.clock.advance("1s");
  await host.restartService("Steady");
  watching[Symbol.dispose]();
  await host.stopService("Steady");
  const at = Date.parse("2026-01-01T00:00:01Z");
  expect(changes).toEqual([
    { service: "Once", before: "running", state: "failed", at, reason: expect.stringContaining("the disk is full") as string },
    { service: "Steady", before: "running", state: "stopping", at, reason: "asked to" },
    { service: "Steady", before: "stopping", state: "stopped", at },
    { service: "Steady", before: "stopped", state: "starting", at },
    { service: "Steady", before: "starting", state: "running", at },
  ]);
});

test("HostControl.watchStates logs what a watcher throws, and goes on", async () => {
  await using host = await createTestHost({ services: [Steady] });
  const changes: string[] = [];
  using _bad = controlOf(host).watchStates(() => {
    throw new Error("from the watcher");
  });
  using _good = controlOf(host).watchStates(({ state }) => changes.push(state));
  await host.stopService("Steady");
  expect(changes).toEqual(["stopping", "stopped"]);
  expect(host.logs.filter(({ message }) => message.includes("from the watcher"))).toHaveLength(2);
});
