import { jsonText } from "../output/json-text.ts";
import type { ControlClient } from "../client/control-client.ts";
import type { CommandContext } from "../context/command-context.ts";
import type { Paint } from "../output/paint.ts";

/** What a command that asks a host has at hand. */
export interface Session {
  readonly context: CommandContext;
  readonly client: ControlClient;
  /** Whether a program reads the output. */
  readonly json: boolean;
  /** Colours of standard output. */
  readonly paint: Paint;
  /** Colours of standard error. */
  readonly paintError: Paint;
}

/** Writes the answer: as JSON for programs, else as `show` has it for people. */
export function tell<T>({ context, json }: Session, value: T, show: (value: T) => string): void {
  context.stdout.write(json ? jsonText(value, context.stdout) : show(value));
}

/** The path of a service's route. */
export function servicePath(service: string, ...rest: readonly string[]): string {
  return ["/api/services", ...[service, ...rest].map(part => encodeURIComponent(part))].join("/");
}

/** `?state=dead&limit=5`; nothing for what is not given. */
export function queryText(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? "" : `?${given.toString()}`;
}
