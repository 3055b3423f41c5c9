import type { ServiceEvent } from "./service-event.ts";

/** What stands after the event in `emit(event, …)`: the input of its schema, which may be left out where it may be `undefined`; anything for an event named by string. */
export type EmitArguments<E> = E extends ServiceEvent<any, infer Input> ? (undefined extends Input ? [args?: Input] : [args: Input]) : [args?: unknown];
