import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import type { CallContext } from "../actions/call-context.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** Resolves once the service accepts the call: one that starts or restarts is waited for. @throws SoraError `SORA_SERVICE_DISABLED`, `SORA_SERVICE_UNAVAILABLE`, or `SORA_HOST_NOT_RUNNING` where the host stops or has stopped. */
export async function whenOpen(service: ServiceRuntime, context: CallContext): Promise<void> {
  while (!service.accepts(context.parent)) {
    const { state, host } = service;
    if (state.phase === "disabled")
      throw new SoraError("SORA_SERVICE_DISABLED", `Cannot call ${service.name}: it is disabled by ${state.reason}.`, {
        details: { service: service.name, by: state.reason },
      });
    const comes = state.phase === "stopped" && host.starting;
    const origin = context.origin();
    if (comes && origin.holdsUpStart) throw unavailable(service, "it starts only after the startup service that the call comes from");
    if (state.phase === "starting" && origin.startsService && origin.runtime === service)
      throw unavailable(service, "it is starting, and the call comes from its own start");
    const waits = (comes || state.phase === "starting" || state.phase === "restarting") && !host.stopping;
    if (!waits) throw unavailable(service);
    await service.nextChange(context.cancellable || context.parent !== undefined ? context.signal : undefined);
  }
}

function unavailable(service: ServiceRuntime, why?: string): SoraError {
  const { state, host } = service;
  const { phase } = state;
  if (host.stopping)
    return new SoraError("SORA_HOST_NOT_RUNNING", `Cannot call ${service.name}: its host was told to stop.`, {
      details: { service: service.name, state: phase === "stopped" ? phase : "stopping" },
      fix: "Call it on a host that runs.",
      retryable: true, // who asks over a network may reach another, or the next
    });
  const because = phase === "failed" ? ` ${describeError(state.error)}` : "";
  return new SoraError("SORA_SERVICE_UNAVAILABLE", `Cannot call ${service.name}: ${why ?? `it is ${phase}`}.${because}`, {
    details: { service: service.name, state: phase },
  });
}
