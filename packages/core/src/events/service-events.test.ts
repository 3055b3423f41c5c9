import { expect, test } from "vitest";
import { SoraServiceActions } from "../commands/service-actions.ts";
import { isServiceEvent } from "./service-event.ts";
import { SoraServiceEvents } from "./service-events.ts";

test("SoraServiceEvents has the reference's members, each named after its group and itself, without problems", () => {
  const members = Object.entries(SoraServiceEvents).flatMap(([group, events]) =>
    Object.entries(events).map(([name, event]) => ({ path: `${group}.${name}`, group, name, event })),
  );
  expect(members.map(({ path }) => path)).toEqual([
    "Flow.EntityProcessed",
    "Flow.EntityParked",
    "Flow.EntityFailed",
    "Health.ProbeScheduled",
    "Health.ProbeBroadcast",
    "Outbox.Processed",
    "Outbox.Failed",
    "Messaging.Ready",
    "Messaging.Failed",
    "Translation.Started",
    "Translation.Completed",
    "Translation.Failed",
  ]);
  for (const { group, name, event } of members) {
    expect(isServiceEvent(event)).toBe(true);
    expect(event.name).toBe(group + name);
    expect(event.problem).toBeUndefined();
  }
});

test("SoraServiceActions has the reference's members", () => {
  expect(SoraServiceActions).toEqual({
    Health: { ForceProbe: "force-probe" },
    Flow: { TriggerProcessing: "trigger-processing" },
    Outbox: { ProcessBatch: "process-batch" },
    Messaging: { RestartMessaging: "restart-messaging" },
  });
});
