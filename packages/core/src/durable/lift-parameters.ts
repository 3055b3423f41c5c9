import type { ActionOptions } from "../definition/action-definition.ts";

/** Parameters of an older version, lifted to the current one step by step: a promise, where there is anything to lift. Rejects with a TypeError where a step is missing. */
export function liftParameters(parameters: unknown, from: number, { version = 1, migrate }: ActionOptions): unknown {
  return from >= version ? parameters : lifted(parameters, from, version, migrate);
}

async function lifted(parameters: unknown, from: number, version: number, migrate: ActionOptions["migrate"]): Promise<unknown> {
  let value = parameters;
  for (let step = from; step < version; step++) {
    const lift = migrate?.[step];
    if (lift === undefined) throw new TypeError(`Nothing lifts parameters of version ${step} to ${step + 1}.`);
    value = await lift(value as never);
  }
  return value;
}
