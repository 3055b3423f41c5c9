import { expect, test } from "vitest";
import { HostProcess } from "./host-process.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";
const starts = nightly ? 10_000 : 500;
const calls = nightly ? 1_000_000 : 100_000;
const megabytes = 1_000_000;

interface Kept {
  readonly heap: number;
  readonly resources: readonly [object, object];
}

test(`${starts} starts and stops of a host, and ${calls} calls of every kind, leave nothing behind: no heap to speak of, no handle, no timer, no listener`, async () => {
  await using host = new HostProcess("leaks", String(starts), String(calls));
  expect(await host.ended).toMatchObject({ code: 0, signal: null });
  const [afterStarts] = host.said("starts") as [Kept & { readonly listeners: readonly [object, object] }];
  expect(afterStarts.resources[1]).toEqual(afterStarts.resources[0]);
  expect(afterStarts.listeners[1]).toEqual(afterStarts.listeners[0]);
  expect(afterStarts.heap).toBeLessThan(5 * megabytes);
  const [afterCalls] = host.said("calls") as [Kept & { readonly signal: number; readonly inFlight: number; readonly delivered: boolean }];
  expect(afterCalls.resources[1]).toEqual(afterCalls.resources[0]);
  expect(afterCalls).toMatchObject({ signal: 0, inFlight: 0, delivered: true });
  expect(afterCalls.heap).toBeLessThan(5 * megabytes);
});
