import { expect, test } from "vitest";
import { legalMoves, nextPhase, servicePhases } from "./service-state.ts";
import type { LifecycleMove, ServicePhase } from "./service-state.ts";

const moves: readonly LifecycleMove[] = ["disable", "enable", "start", "started", "returned", "failed", "retry", "stop", "overdue", "stopped"];
const legal: Readonly<Record<ServicePhase, Partial<Record<LifecycleMove, ServicePhase>>>> = {
  disabled: { enable: "stopped" },
  stopped: { start: "starting", disable: "disabled" },
  starting: { started: "running", returned: "completed", failed: "failed", stop: "stopping" },
  running: { returned: "completed", failed: "failed", retry: "restarting", stop: "stopping" },
  restarting: { retry: "restarting", start: "starting", failed: "failed", stop: "stopping" },
  completed: { start: "starting", stop: "stopping" },
  failed: { start: "starting", stop: "stopping" },
  stopping: { overdue: "stopping", stopped: "stopped" },
};

test.each(servicePhases.flatMap(phase => moves.map(move => [phase, move, legal[phase][move]] as const)))(
  "nextPhase takes %s by %s to %s",
  (phase, move, expected) => {
    expect(nextPhase(phase, move)).toBe(expected);
    expect(legalMoves(phase).includes(move)).toBe(expected !== undefined);
  },
);

test("nextPhase leads from every phase to a stop, and from every stop to a start", () => {
  for (const phase of servicePhases) {
    const reach = new Set<ServicePhase>([phase]);
    for (const one of reach) for (const move of legalMoves(one)) reach.add(nextPhase(one, move) as ServicePhase);
    expect([...reach].sort()).toEqual([...servicePhases].sort());
  }
});
