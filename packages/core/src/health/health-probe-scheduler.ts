import { defineService } from "../definition/define-service.ts";
import { SoraServiceEvents } from "../events/service-events.ts";
import { hostOf } from "../host/host-of.ts";
import type { ServiceContext } from "../actions/service-context.ts";
import type { ServiceDefinition } from "../definition/service-definition.ts";
import type { ProbeBroadcastEventArgs } from "../events/service-events.ts";
import { ProbeScheduler } from "./probe-scheduler.ts";

type Shape = { readonly "force-probe": { readonly args: []; readonly result: ProbeBroadcastEventArgs } };

/**
 * The framework's own service that keeps health checks fresh: those due inside one window (`Sora:Health:QuantizationWindowSeconds`, default 10) are made together.
 * `force-probe` makes all of them now. Every host has it, unless `Sora:Health:Enabled` is false, when it has nothing to do.
 */
export const healthProbeScheduler: ServiceDefinition<Shape> = defineService("HealthProbeScheduler", {
  description: "Keeps health checks fresh",
  runInTesting: true,
  events: { scheduled: SoraServiceEvents.Health.ProbeScheduled, broadcast: SoraServiceEvents.Health.ProbeBroadcast },
  actions: { forceProbe: (context): Promise<ProbeBroadcastEventArgs> => schedulerFor(context).forceProbe(context.signal) },
  execute: context => schedulerFor(context).run(context.signal),
});

function schedulerFor(context: ServiceContext): ProbeScheduler {
  const { health, configuration, clock } = hostOf(context);
  return new ProbeScheduler({
    aggregator: health.aggregator,
    clock,
    options: {
      enabled: configuration.get("Sora:Health:Enabled", true),
      quantizationWindow: configuration.get("Sora:Health:QuantizationWindowSeconds", 10) * 1_000,
    },
    onScheduled: args => context.emit(SoraServiceEvents.Health.ProbeScheduled, args),
    onBroadcast: args => context.emit(SoraServiceEvents.Health.ProbeBroadcast, args),
  });
}
