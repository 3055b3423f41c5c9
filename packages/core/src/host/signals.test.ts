import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { MockInstance } from "vitest";
import { silentLogger } from "../logging/logger.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { takeSignals } from "./signals.ts";

let kill: MockInstance<typeof process.kill>;
beforeEach(() => void (kill = vi.spyOn(process, "kill").mockReturnValue(true)));
afterEach(() => vi.restoreAllMocks());

/** Takes the signals with a stop that never ends. */
function take(): { readonly clock: ReturnType<typeof createVirtualClock>; readonly reasons: string[] } {
  const clock = createVirtualClock();
  const reasons: string[] = [];
  const stop = (reason: string): Promise<never> => {
    reasons.push(reason);
    return new Promise(() => {});
  };
  takeSignals({ stop, stopped: new Promise(() => {}), clock, logger: silentLogger, shutdownTimeout: 25_000 });
  return { clock, reasons };
}

test("takeSignals takes a signal that npm passes on for the one the terminal sent", async () => {
  const { clock, reasons } = take();
  process.emit("SIGINT", "SIGINT");
  await clock.advance("20ms");
  process.emit("SIGINT", "SIGINT");
  expect(reasons).toEqual(["SIGINT"]);
  expect(kill).not.toHaveBeenCalled();

  await clock.advance("1s");
  process.emit("SIGINT", "SIGINT");
  expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, "SIGINT");
  expect(reasons).toEqual(["SIGINT"]);
});

test("takeSignals ends at once at a second signal of the other kind", () => {
  take();
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGTERM", "SIGTERM");
  expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, "SIGTERM");
});
