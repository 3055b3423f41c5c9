import type { ActionDefinition } from "@sora/core";
import { redactValue } from "@sora/core/adapter";
import { describeSchema } from "@sora/core/internal";
import { exampleOf } from "./example-of.ts";
import type { JsonSchema } from "./json-schema.ts";

/** Any schema of a definition. */
type Schema = NonNullable<Parameters<typeof describeSchema>[0]>;

/** The parameters of an action as a contract shows them. */
export interface DescribedParameters {
  /** What callers send; absent where nobody can say. */
  readonly schema: JsonSchema | undefined;
  /** Whether a call without any is refused. */
  readonly required: boolean;
  /** Parameters the action accepts; absent where none could be made up. */
  readonly example: unknown;
}

export async function describeParameters({ options }: Pick<ActionDefinition, "options">): Promise<DescribedParameters> {
  const { parameters, requiresParameters = false } = options;
  if (parameters === undefined) return { schema: undefined, required: requiresParameters, example: undefined };
  const schema = await describeSchema(parameters, "input");
  const required = requiresParameters || (await accepted(parameters, undefined)) === undefined;
  const candidate = schema === undefined ? undefined : exampleOf(schema);
  return { schema, required, example: candidate !== undefined && (await accepted(parameters, candidate)) !== undefined ? candidate : undefined };
}

/** An event's arguments as a contract shows them. */
export interface DescribedArguments {
  /** What subscribers get; absent where nobody can say. */
  readonly schema: JsonSchema | undefined;
  /** Arguments as the event streams show them; absent where none could be made up. */
  readonly example: unknown;
}

export async function describeArguments(event: { readonly schema?: Schema }): Promise<DescribedArguments> {
  if (event.schema === undefined) return { schema: undefined, example: undefined };
  const schema = await describeSchema(event.schema, "output");
  const given = await describeSchema(event.schema, "input");
  const candidate = given === undefined ? undefined : exampleOf(given);
  const shown = candidate === undefined ? undefined : await accepted(event.schema, candidate);
  return { schema, example: shown === undefined ? undefined : inJson(shown.value) };
}

/** What the schema makes of `value`; `undefined` where it refuses it, in whichever way. */
async function accepted(schema: Schema, value: unknown): Promise<{ readonly value: unknown } | undefined> {
  try {
    const outcome = await schema["~standard"].validate(value);
    return outcome.issues === undefined ? { value: outcome.value } : undefined;
  } catch {
    return undefined;
  }
}

/** The value as event streams show it. */
function inJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(redactValue("", value))) as unknown;
  } catch {
    return undefined; // whatever a value of the user's may do
  }
}
