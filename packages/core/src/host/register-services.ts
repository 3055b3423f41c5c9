import { SoraError } from "../errors/sora-error.ts";
import { definitionOf } from "../definition/definition-of.ts";
import { isServiceDefinition } from "../definition/service-definition.ts";
import { compileCron } from "../schedule/cron.ts";
import { describeError } from "../errors/describe-error.ts";
import { isValidName } from "../definition/names.ts";
import { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import { timeZone as namedTimeZone } from "../time/time-zone.ts";
import { startOrder } from "./start-order.ts";
import type { AnyServiceDefinition } from "../definition/service-definition.ts";
import type { ServiceState } from "../lifecycle/service-state.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { ServiceSource } from "./host-options.ts";

/** One definition and what is wrong with it. */
export interface DefinitionProblem {
  readonly service: string;
  readonly problem: string;
}

/**
 * Puts the services into the host's registry.
 *
 * @throws SoraError `SORA_DEFINITION_INVALID` with every problem of every definition, of how they depend on each other, and of their schedules.
 */
export function registerServices(host: HostKernel, sources: readonly ServiceSource[]): void {
  const problems: DefinitionProblem[] = [];
  const stopped: ServiceState = { phase: "stopped", since: host.clock.now() };
  const seen = new Set<unknown>();
  const names = new Set<string>();
  const schedules = new Map<string, string | undefined>(); // many services may share an expression, which is read once
  for (const source of sources) {
    const definition = isServiceDefinition(source) ? source : definitionOf(source);
    const name: unknown = definition.name;
    const isNew = typeof name === "string" && takesName(names, name);
    if (isNew && !mayHaveProblems(definition)) {
      host.registry.add(new ServiceRuntime(host, definition, stopped)); // nearly all of them
      continue;
    }
    if (seen.has(source)) continue;
    seen.add(source);
    const service = labelOf(source, definition);
    for (const problem of problemsOf(definition, schedules)) problems.push({ service, problem });
    if (isNew) host.registry.add(new ServiceRuntime(host, definition, stopped));
    else if (typeof name === "string" && !isRegistered(host, definition))
      problems.push({ service, problem: "another service has this name; give one of them another by its `name` option" });
  }
  problems.push(...dependencyProblems(host));
  if (problems.length > 0) throw definitionError(problems);
}

/** Puts the name among those taken; false where it was. Every door takes a name whatever its case. */
function takesName(names: Set<string>, name: string): boolean {
  const before = names.size;
  return names.add(name.toLowerCase()).size > before;
}

/** Whether it is listed a second time. */
function isRegistered(host: HostKernel, definition: AnyServiceDefinition): boolean {
  return host.registry.has(definition.name) && host.registry.find(definition.name).definition === definition;
}

/** Who depends on what this host lacks, on itself in a circle, or on what starts later by its kind. */
function dependencyProblems(host: HostKernel): DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  const services = host.registry.list();
  if (services.every(({ definition }) => definition.options.dependsOn === undefined)) return problems;
  const planned = services.map(service => ({ name: service.name, kind: service.kind, startupOrder: 0, priority: 0, after: [] as string[] }));
  for (const [index, { name: service, definition }] of services.entries()) {
    for (const one of [definition.options.dependsOn].flat()) {
      const name: unknown = isTarget(one) ? host.nameOf(one) : one;
      if (typeof name !== "string") continue; // reported by its definition
      if (isTarget(one) && !host.registry.has(name)) problems.push({ service, problem: `it depends on ${name}, which this host does not have` });
      planned[index]?.after.push(name);
    }
  }
  for (const problem of startOrder(planned).problems) problems.push({ service: "start order", problem });
  return problems;
}

/** A service given as itself must be one of the host's; a name may be a health contributor's, added later. */
function isTarget(dependency: unknown): dependency is { readonly name: string } {
  return (typeof dependency === "object" && dependency !== null) || typeof dependency === "function";
}

/** All problems as one error. */
export function definitionError(problems: readonly DefinitionProblem[]): SoraError {
  const lines = problems.map(({ service, problem }) => `  - ${service}: ${problem}`).join("\n");
  return new SoraError(
    "SORA_DEFINITION_INVALID",
    `Cannot start: ${problems.length === 1 ? "one thing is" : `${problems.length} things are`} wrong with the service definitions.\n${lines}`,
    { details: { problems } },
  );
}

/** False of most, which are then not looked at one thing after the other. */
function mayHaveProblems({ problems, options: { cron, timeZone } }: AnyServiceDefinition): boolean {
  return problems.length > 0 || cron !== undefined || timeZone !== undefined;
}

/** The definition's own problems, and those of its cron expression and time zone, which are read only now so that defining loads nothing. */
function* problemsOf({ problems, options: { cron, timeZone } }: AnyServiceDefinition, schedules: Map<string, string | undefined>): Generator<string> {
  yield* problems;
  for (const [text, reading] of [
    [cron, compileCron],
    [timeZone, namedTimeZone],
  ] as const) {
    if (typeof text !== "string" || text.trim() === "") continue;
    if (!schedules.has(text))
      schedules.set(
        text,
        refusal(() => reading(text)),
      );
    const problem = schedules.get(text);
    if (problem !== undefined) yield problem;
  }
}

function refusal(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return SoraError.is(error) ? `${error.message} ${error.fix}` : describeError(error);
  }
}

/** The service's name, and its class's where that is another. */
function labelOf(source: ServiceSource, { name }: AnyServiceDefinition): string {
  const shown = isValidName(name) ? name : undefined;
  if (typeof source !== "function" || source.name === "" || source.name === shown) return shown ?? "a service with a bad name";
  return shown === undefined ? source.name : `${shown} (class ${source.name})`;
}
