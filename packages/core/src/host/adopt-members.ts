import { invalidNameProblem, isValidName } from "../definition/names.ts";
import { describeError } from "../errors/describe-error.ts";
import { recurrenceOf } from "../lifecycle/effective-options.ts";
import { assertRecurrence } from "../schedule/recurrence.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { KnownServices } from "./known-services.ts";

/** Takes up what the instance overrides: its name, and a period or startup order that only its fields tell of. What is wrong with it, or `undefined`. */
export function adoptMembers(service: ServiceRuntime, known: KnownServices): string | undefined {
  const { name, period, startupOrder } = service.members;
  if (service.kind === "background" && period !== undefined) service.kind = "periodic";
  else if (service.kind === "background" && startupOrder !== undefined) service.kind = "startup";
  if (service.kind !== "background" && service.definition.behaviour.execute === undefined) return `a ${service.kind} service needs a method execute(signal)`;
  if (name !== undefined && name !== service.name) {
    if (!isValidName(name)) return invalidNameProblem("its name", name);
    const before = service.name;
    if (!service.host.registry.rename(service, name)) return `its name "${name}" is another service's too`;
    service.settingsSection.moved();
    known.rename(service, before);
  }
  return scheduleProblem(service);
}

/** What is wrong with the period that the instance gives itself, and would otherwise fail at the start of the service. */
function scheduleProblem(service: ServiceRuntime): string | undefined {
  const { period, initialDelay } = service.members;
  if (service.kind !== "periodic" || (period === undefined && initialDelay === undefined)) return undefined;
  try {
    assertRecurrence(recurrenceOf(service));
    return undefined;
  } catch (error) {
    return describeError(error).replace(/^SoraError: /, "");
  }
}
