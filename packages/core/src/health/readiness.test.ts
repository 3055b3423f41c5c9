import { describe, expect, test } from "vitest";
import { liveness, readiness } from "./readiness.ts";
import type { ServicePhase } from "../lifecycle/service-state.ts";
import type { ServiceReadiness } from "./readiness.ts";

function service(phase: ServicePhase, more: Partial<ServiceReadiness> = {}): ServiceReadiness {
  return { name: "Sync", critical: true, phase, ready: true, stalled: false, ...more };
}

const up = { startupDone: true, stopping: false };

describe("readiness", () => {
  test("waits for startup, and ends with the stop", () => {
    expect(readiness({ ...up, services: [] })).toEqual({ status: "healthy", ready: true, reasons: [], entries: {} });
    expect(readiness({ ...up, startupDone: false, services: [] })).toEqual({
      status: "unhealthy",
      ready: false,
      reasons: ["startup is not done"],
      entries: {},
    });
    expect(readiness({ ...up, stopping: true, services: [] })).toEqual({ status: "unhealthy", ready: false, reasons: ["the host is stopping"], entries: {} });
  });

  test.each<[ServicePhase, Partial<ServiceReadiness>, string, string | undefined]>([
    ["running", {}, "healthy", undefined],
    ["running", { ready: false }, "unhealthy", "critical service Sync is not ready"],
    ["running", { stalled: true }, "unhealthy", "critical service Sync has stopped making progress"],
    ["failed", {}, "unhealthy", "critical service Sync has failed"],
    ["restarting", {}, "unhealthy", "critical service Sync is waiting to be restarted"],
    ["starting", {}, "unhealthy", "critical service Sync is starting"],
    ["stopping", {}, "unhealthy", "critical service Sync is stopping"],
    ["stopped", {}, "unhealthy", "critical service Sync is stopped"],
    ["completed", { ready: false }, "healthy", undefined],
    ["disabled", { ready: false }, "healthy", undefined],
    ["running", { critical: false, ready: false }, "healthy", undefined],
    ["running", { critical: false, stalled: true }, "degraded", "service Sync has stopped making progress"],
    ["failed", { critical: false }, "degraded", "service Sync has failed"],
    ["restarting", { critical: false }, "degraded", "service Sync is waiting to be restarted"],
    ["starting", { critical: false, ready: false }, "healthy", undefined],
    ["stopped", { critical: false }, "healthy", undefined],
  ])("with a service that is %s %o is %s", (phase, more, status, reason) => {
    expect(readiness({ ...up, services: [service("running", { name: "Other" }), service(phase, more)] })).toEqual({
      status,
      ready: status !== "unhealthy",
      reasons: reason === undefined ? [] : [reason],
      entries:
        reason === undefined
          ? {}
          : {
              Sync: {
                status: status === "unhealthy" ? "unhealthy" : "degraded",
                description: `It ${reason.replace(/^(critical )?service Sync /, "")}`,
                critical: more.critical ?? true,
              },
            },
    });
  });
});

describe("liveness", () => {
  test("names a blocked loop, which is alive all the same unless a limit says otherwise", () => {
    expect(liveness({ lag: 999 })).toEqual({ status: "healthy", live: true, reasons: [] });
    expect(liveness({ lag: 5_000.4 })).toEqual({ status: "degraded", live: true, reasons: ["the event loop was blocked for 5000 ms"] });
    expect(liveness({ lag: 5_000, limit: 4_000 })).toMatchObject({ status: "unhealthy", live: false });
    expect(liveness({ lag: 0, limit: 0 })).toMatchObject({ live: true });
  });
});
