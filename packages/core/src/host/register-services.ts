import { SoraError } from "../errors/sora-error.ts";
import { definitionOf } from "../definition/definition-of.ts";
import { isServiceDefinition } from "../definition/service-definition.ts";
import { compileCron } from "../schedule/cron.ts";
import { describeError } from "../errors/describe-error.ts";
import { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { AnyServiceDefinition } from "../definition/service-definition.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { ServiceSource } from "./host-options.ts";

/** One definition and what is wrong with it. */
interface DefinitionProblem {
  readonly service: string;
  readonly problem: string;
}

/**
 * Puts the services into the host's registry.
 *
 * @throws SoraError `SORA_DEFINITION_INVALID` with every problem of every definition.
 */
export function registerServices(host: HostKernel, sources: readonly ServiceSource[]): void {
  const problems: DefinitionProblem[] = [];
  const since = host.clock.now();
  const seen = new Set<unknown>();
  for (const source of sources) {
    if (seen.has(source)) continue;
    seen.add(source);
    const definition = definitionFrom(source);
    if (definition === undefined) {
      problems.push({ service: describeSource(source), problem: "it is neither a class nor made by defineService(); check what `services` lists" });
      continue;
    }
    for (const problem of problemsOf(definition)) problems.push({ service: definition.name, problem });
    if (host.registry.has(definition.name)) problems.push({ service: definition.name, problem: "another service has this name; give one of them another by its `name` option" });
    else host.registry.add(new ServiceRuntime(host, definition, since));
  }
  if (problems.length > 0) throw definitionError(problems);
}

/** All problems as one error. */
export function definitionError(problems: readonly DefinitionProblem[]): SoraError {
  const lines = problems.map(({ service, problem }) => `  - ${service}: ${problem}`).join("\n");
  return new SoraError("SORA_DEFINITION_INVALID", `Cannot start: ${problems.length === 1 ? "one thing is" : `${problems.length} things are`} wrong with the service definitions.\n${lines}`, { details: { problems } });
}

function definitionFrom(source: ServiceSource): AnyServiceDefinition | undefined {
  if (isServiceDefinition(source)) return source;
  return typeof source === "function" && source.prototype !== undefined ? definitionOf(source) : undefined;
}

/** The definition's own problems, and those of its cron expression, which is compiled only now so that defining loads nothing. */
function* problemsOf({ problems, options }: AnyServiceDefinition): Generator<string> {
  yield* problems;
  if (options.cron === undefined) return;
  try {
    compileCron(options.cron, options.timeZone);
  } catch (error) {
    yield describeError(error).replace(/^SoraError: /, "");
  }
}

function describeSource(source: unknown): string {
  return typeof source === "object" && source !== null ? "an object" : `a ${typeof source}`;
}
