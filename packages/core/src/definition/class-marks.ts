import { attach, attached } from "./attachment.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { ServiceOptions } from "./service-options.ts";

/** What `@ServiceAction` wrote down. */
export interface ActionMark {
  readonly member: string;
  readonly name: string | undefined;
  readonly options: ActionOptions;
  /** How many parameters the method declared when it was decorated; one that wraps it later may declare others. */
  readonly declared: number;
}

/** What a service decorator wrote down on its own class. */
export interface ClassMark {
  readonly kind: ServiceKind;
  readonly options: ServiceOptions;
  /** The class's name in the source, which minifying does not change. */
  readonly name: string | undefined;
}

/** Everything decorators wrote down about one class: its own service options, actions, events, and what was wrong. */
export interface ClassMarks {
  service?: ClassMark;
  readonly actions: Map<string, ActionMark>;
  readonly events: Map<string, ServiceEvent<unknown, unknown>>;
  readonly problems: string[];
}

const marksKey = Symbol.for("sora.marks");

// What method decorators write down before their class exists goes to the decorators' metadata. tsc's output only has it where this symbol stands when the class is
// evaluated, and no engine has it yet; esbuild, Babel and SWC go by the same registered symbol. See docs/decisions/0002-decorator-metadata.md.
(Symbol as { metadata: symbol }).metadata ??= Symbol.for("Symbol.metadata");

/** The metadata object that decorators of `target` shared. */
export function metadataOf(target: object): object | undefined {
  const metadata = (target as Readonly<Record<symbol, unknown>>)[Symbol.metadata];
  return typeof metadata === "object" && metadata !== null ? metadata : undefined;
}

/**
 * Has `write` note something about the class that `target` and `context` belong to: on the class itself, in the metadata of its decorators, or on the method where a
 * compiler gives no metadata. Never throws; a target that is no class and no method can carry no note.
 */
export function noteMarks(target: unknown, context: ClassDecoratorContext | ClassMethodDecoratorContext | undefined, write: (marks: ClassMarks) => void): void {
  try {
    if (context === undefined || context.kind === "class") write(ownMarks(target as object));
    else write(ownMarks(context.metadata ?? (target as object)));
    if (context?.kind === "class")
      context.addInitializer?.(function (this: unknown) {
        if (this !== target) mergeMarks(ownMarks(this as object), ownMarks(target as object)); // a decorator above ours has put another class in its place
      });
  } catch {
    // There is nobody to tell: not an object, or a Proxy whose traps throw.
  }
}

/** The marks of `holder` itself, made if need be. */
function ownMarks(holder: object): ClassMarks {
  const marks = existingMarks(holder) ?? { actions: new Map(), events: new Map(), problems: [] };
  if (marks !== existingMarks(holder)) attach(holder, marksKey, marks);
  return marks;
}

/** The marks of `holder` itself, where a decorator has left any. */
export function existingMarks(holder: object): ClassMarks | undefined {
  return attached(holder, marksKey) as ClassMarks | undefined;
}

/** Adds `from` to `into`; what `into` already has stays. */
export function mergeMarks(into: ClassMarks, from: ClassMarks): void {
  if (from.service !== undefined) into.service ??= from.service;
  for (const [member, mark] of from.actions) if (!into.actions.has(member)) into.actions.set(member, mark);
  for (const [name, event] of from.events) if (!into.events.has(name)) into.events.set(name, event);
  for (const problem of from.problems) if (!into.problems.includes(problem)) into.problems.push(problem);
}
