import type { EffectiveValue } from "../configuration/service-configuration.ts";
import type { ServiceKind } from "../definition/service-kind.ts";

/** A schema as JSON Schema (draft 2020-12), where its library can say; else `undefined`. */
export type DescribedSchema = Readonly<Record<string, unknown>> | undefined;

export interface ActionInfo {
  readonly name: string;
  readonly description?: string;
  readonly requiresParameters: boolean;
  readonly parameters: DescribedSchema;
  readonly concurrency?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly idempotent: boolean;
  readonly version: number;
  readonly calls: number;
  readonly failures: number;
}

export interface EventInfo {
  readonly name: string;
  readonly description?: string;
  readonly args: DescribedSchema;
  readonly version: number;
  readonly durable: boolean;
}

/** What a service offers and how it is set up. */
export interface ServiceInfo {
  readonly name: string;
  readonly kind: ServiceKind;
  readonly description?: string;
  readonly actions: readonly ActionInfo[];
  readonly events: readonly EventInfo[];
  /** Names of the commands it takes. */
  readonly commands: readonly string[];
  /** Effective options by configuration key, such as `IntervalSeconds`. */
  readonly configuration: Readonly<Record<string, EffectiveValue>>;
  readonly settings: Readonly<Record<string, EffectiveValue>>;
  /** Name and version of the program's package, where one is found above the content root. */
  readonly package?: { readonly name: string; readonly version: string };
}
