import { SoraError } from "../errors/sora-error.ts";
import { checkSchema, describeIssues } from "../definition/schema.ts";
import { shown } from "../options/shown.ts";
import { isUnchecked } from "../definition/type.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ServiceEvent } from "./service-event.ts";
import { EmittedEvent } from "./emitted-event.ts";

const done: Promise<void> = Promise.resolve();

/**
 * Emits from `service`. Arguments are checked by the event's schema; handlers get what it yields. Resolves when this host's handlers have finished, after
 * 30 s at most.
 */
export function emitEvent(service: ServiceRuntime, event: ServiceEvent | string, args: unknown, emitter: WorkContext): Promise<void> {
  const name = typeof event === "string" ? event : nameOf(event);
  const declared = service.definition.events.get(name);
  if (declared === undefined && service.firstUndeclared(name)) {
    service.logger.warn(`${service.name} emits ${name}, which it does not declare; add @ServiceEvent or an entry of \`events\``, { event: name });
  }
  const schema = (declared ?? (typeof event === "string" ? undefined : event))?.schema;
  if ((schema === undefined || isUnchecked(schema)) && service.host.interceptEvent === undefined) return deliver(service, name, args, emitter) ?? done;
  return emitFully(service, name, schema, args, emitter);
}

/** @throws SoraError `SORA_OPTION_INVALID` for what is no event, such as one whose module is still being loaded. */
function nameOf(event: ServiceEvent): string {
  if (typeof event === "object" && event !== null && typeof event.name === "string") return event.name;
  const seen = event === undefined ? "undefined: it is declared further down, or its module imports this one" : shown(event);
  throw new SoraError("SORA_OPTION_INVALID", `Cannot emit ${seen}; an event is one that serviceEvent() made, or a name.`, { details: { seen: shown(event) } });
}

function deliver(service: ServiceRuntime, name: string, args: unknown, emitter: WorkContext): Promise<void> | undefined {
  const { hub, clock } = service.host;
  service.record.emitted++;
  return hub.reaches(service.name, name) ? hub.emit(service.name, name, args, new EmittedEvent(service, emitter, name, clock.now())) : undefined;
}

async function emitFully(service: ServiceRuntime, name: string, schema: ServiceEvent["schema"], args: unknown, emitter: WorkContext): Promise<void> {
  const checking = checkSchema(schema, args);
  const checked = checking instanceof Promise ? await checking : checking;
  if (!checked.ok) {
    throw new SoraError("SORA_EVENT_ARGS_INVALID", `Cannot emit ${service.name}:${name}: its arguments do not fit. ${describeIssues(checked.issues)}.`, {
      details: { service: service.name, event: name, issues: checked.issues },
    });
  }
  const { interceptEvent } = service.host;
  if (interceptEvent === undefined) return deliver(service, name, checked.value, emitter);
  const subject = { service: service.name, event: name, args: checked.value, correlationId: emitter.correlationId, metadata: emitter.metadata };
  await interceptEvent(subject, () => deliver(service, name, checked.value, emitter));
}
