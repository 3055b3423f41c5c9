import { SoraError } from "../errors/sora-error.ts";
import { checkSchema, describeIssues } from "../definition/schema.ts";
import { definitionOf } from "../definition/definition-of.ts";
import { isServiceContract } from "../definition/service-contract.ts";
import { isServiceDefinition } from "../definition/service-definition.ts";
import { encodeValue } from "../serialization/encode-value.ts";
import { encodeEnvelope } from "./action-envelope.ts";
import { attemptsOf } from "./retry-policy.ts";
import { checkDeadline } from "./stored-call-options.ts";
import { queueName } from "./store/queue-name.ts";
import type { CallOptions } from "../actions/call-options.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ContractAction } from "../definition/service-contract.ts";
import type { ActionOptions } from "../definition/action-definition.ts";
import type { ServiceTarget } from "../fluent/shape-of.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ActionEnvelope } from "./action-envelope.ts";
import type { NewAction } from "./store/stored-action.ts";
import type { StoredCallOptions } from "./stored-call-options.ts";

/** One action as the fluent API asks for it. */
export interface StoredCallRequest {
  readonly target: string | ServiceTarget;
  readonly action: string;
  readonly parameters: unknown;
  readonly options: CallOptions | undefined;
  readonly stored: StoredCallOptions | undefined;
}

/** What is known of the action meant. */
interface Named {
  readonly service: string;
  readonly action: string;
  readonly options: ActionOptions;
}

/**
 * Makes the actions of a chain ready to be stored, the parameters checked, each to begin after the one before it. `purpose` is what cannot be done with those that do not fit.
 *
 * @throws SoraError as `enqueue()` says.
 */
export async function newActions(
  host: HostKernel,
  parent: WorkContext | undefined,
  requests: readonly StoredCallRequest[],
  purpose: "enqueue" | "schedule" = "enqueue",
): Promise<NewAction[]> {
  const actions: NewAction[] = [];
  const chain = requests.length > 1 ? host.ids.next() : undefined;
  const correlationId =
    requests.find(({ options }) => options?.correlationId !== undefined)?.options?.correlationId ?? parent?.flowingCorrelationId() ?? host.ids.next();
  for (const [index, request] of requests.entries()) {
    const step = chain === undefined ? undefined : { chain, index, of: requests.length };
    const after = actions.at(-1)?.id;
    const action = await newAction(host, parent, request, correlationId, step, purpose);
    actions.push(after === undefined ? action : { ...action, after });
  }
  return actions;
}

/** The id of a chain's step, from 0: the chain's own, and which it is, so that the chain leads to its steps. */
export function stepId(chain: string, index: number): string {
  return `${chain}.${index + 1}`;
}

async function newAction(
  host: HostKernel,
  parent: WorkContext | undefined,
  request: StoredCallRequest,
  correlationId: string,
  step: ActionEnvelope["step"],
  purpose: string,
): Promise<NewAction> {
  const named = nameAction(host, request);
  await checkParameters(named, request.parameters, purpose);
  const { service, action, options } = named;
  const { retry, delay, at, deadline, key, idempotencyKey, debounce } = request.stored ?? {};
  if (request.stored !== undefined) checkDeadline(request.stored, host.clock.now());
  const { timeout, priority = 0 } = request.options ?? {};
  const metadata = { ...parent?.metadata, ...request.options?.metadata };
  const envelope = encodeEnvelope({
    correlationId: request.options?.correlationId ?? correlationId,
    ...(Object.keys(metadata).length === 0 ? undefined : { metadata }),
    ...(retry === undefined ? undefined : { retry }),
    ...(timeout === undefined ? undefined : { timeout }),
    ...(deadline === undefined ? undefined : typeof deadline === "number" ? { within: deadline } : { deadline: deadline.getTime() }),
    ...(step === undefined ? undefined : { step }),
  });
  const parameters = encodeValue(request.parameters, "parameters");
  if (debounce !== undefined && [delay, at, key, idempotencyKey].some(option => option !== undefined))
    throw new SoraError(
      "SORA_OPTION_INVALID",
      "Cannot debounce an action that has a delay, a time or a key of its own: it waits by its debounce, one at a time.",
      {
        fix: "Give `withDebounce` alone, with a `key` for what is the same thing.",
      },
    );
  const scope = `${service}/${action}`;
  if (debounce !== undefined && step !== undefined)
    throw new SoraError("SORA_OPTION_INVALID", "Cannot debounce a step of a chain.", { fix: "Enqueue the action by itself." });
  return {
    id: step === undefined ? host.ids.next() : stepId(step.chain, step.index),
    queue: queueName({ service, action, version: options.version ?? 1 }),
    ...(parameters === undefined ? undefined : { parameters }),
    envelope,
    priority,
    attempts: attemptsOf(retry, options.retry),
    ...(delay === undefined ? undefined : { delay }),
    ...(debounce === undefined ? undefined : { delay: debounce.wait, debounceKey: `${scope}:${debounce.key ?? ""}` }),
    ...(at === undefined ? undefined : { at }),
    ...(key === undefined ? undefined : { key: `${service}:${key.key}`, keyLimit: key.limit }),
    ...(idempotencyKey === undefined
      ? undefined
      : { idempotencyKey: step === undefined ? `${scope}:${idempotencyKey}` : `${scope}#${step.index}:${idempotencyKey}` }),
  };
}

/**
 * The service as this host knows it; else, since others may run it, as its class, definition or contract says. A name that nobody here knows is a typing mistake
 * until somebody shows otherwise.
 */
function nameAction(host: HostKernel, { target, action }: StoredCallRequest): Named {
  const foreign = typeof target === "string" ? undefined : foreignTarget(host, target);
  if (foreign === undefined) {
    const service = host.registry.find(target);
    const found = service.action(action);
    return { service: service.name, action: found.name, options: found.definition.options };
  }
  const options = foreign.actions.get(action);
  if (options !== undefined) return { service: foreign.name, action, options: "options" in options ? options.options : agreed(options) };
  const known = [...foreign.actions.keys()];
  throw new SoraError(
    "SORA_ACTION_UNKNOWN",
    `${foreign.name} has no action "${action.slice(0, 80)}". It has ${known.length === 0 ? "none" : known.join(", ")}.`,
    {
      details: { service: foreign.name, action: action.slice(0, 200), known },
    },
  );
}

interface Foreign {
  readonly name: string;
  readonly actions: ReadonlyMap<string, { readonly options: ActionOptions } | ContractAction>;
}

/** What a contract says of an action that matters to storing it. */
function agreed({ parameters, version }: ContractAction): ActionOptions {
  return { ...(parameters !== undefined && { parameters }), ...(version !== undefined && { version }) };
}

function foreignTarget(host: HostKernel, target: ServiceTarget): Foreign | undefined {
  if (isServiceContract(target)) return host.registry.has(target.name) || target.problems.length > 0 ? undefined : target;
  const definition = isServiceDefinition(target) ? target : definitionOf(target as never);
  return host.registry.has(host.registry.nameOf(definition)) ? undefined : definition;
}

/** So that what can never run is refused to the one who asks. The worker checks again what its own definition says by then. */
async function checkParameters({ service, action, options }: Named, parameters: unknown, purpose: string): Promise<void> {
  if (options.requiresParameters === true && parameters === undefined)
    throw new SoraError("SORA_PARAMETERS_INVALID", `Cannot ${purpose} ${service}.${action} without parameters: the action requires them.`, {
      details: { service, action, issues: [{ path: [], message: "required" }] },
    });
  const checked = await checkSchema(options.parameters, parameters);
  if (checked.ok) return;
  throw new SoraError("SORA_PARAMETERS_INVALID", `Cannot ${purpose} ${service}.${action}: its parameters do not fit. ${describeIssues(checked.issues)}.`, {
    details: { service, action, issues: checked.issues },
  });
}
