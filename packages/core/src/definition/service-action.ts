import type { StandardSchemaV1 } from "@standard-schema/spec";
import { noteMarks } from "./class-marks.ts";
import { reportOlderRules } from "./older-rules.ts";
import { readOptions } from "../options/read-options.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { ActionRule } from "./action-rule.ts";

/** A method decorator that is also a plain function of a class and a method's name. Where the compiler refuses it, the refusal says why. */
export type ServiceActionDecorator<N extends string = string, S extends StandardSchemaV1 | undefined = undefined> = <
  M,
  const C extends string | ClassMethodDecoratorContext,
>(
  target: M & ActionRule<M, C, N, S>,
  context: C,
) => void;

/**
 * Declares a method an action. Its name is the method's in kebab case; one given must be the same. With `parameters`, a Standard Schema, the method
 * gets (parameters, context); without, a method of two parameters gets (parameters, context), one of one or none gets (context). How many there are is read
 * where the decorator stands, so one that wraps the method stands above it.
 * Also a plain function: `ServiceAction("check-queue")(MyService, "checkQueue")`. Never throws; problems are reported at start.
 */
export function ServiceAction<const N extends string = string, S extends StandardSchemaV1 | undefined = undefined>(
  nameOrOptions?: N | ActionOptions<S>,
  options?: ActionOptions<S>,
): ServiceActionDecorator<N, S> {
  const name = typeof nameOrOptions === "string" ? nameOrOptions : undefined;
  const given: unknown = name === undefined ? (nameOrOptions ?? options) : options;
  const decorate = (target: unknown, context: string | ClassMethodDecoratorContext): void => {
    const plain = typeof context === "string";
    if (plain && reportOlderRules(target, `action ${context}`, name => `ServiceAction(…)(${name}, "${context}")`)) return;
    noteMarks(target, plain ? undefined : context, marks => {
      const member = plain ? context : String(context?.name);
      const report = (problem: string): void => void marks.problems.push(`action ${member}: ${problem}`);
      const wrong = plain ? undefined : misplaced(context);
      if (wrong !== undefined) return report(wrong);
      if (marks.actions.has(member)) report("it has two @ServiceAction; keep one");
      const method = plain ? (target as { readonly prototype: object }).prototype : target;
      marks.actions.set(member, {
        member,
        name,
        options: readOptions(given, report, ["parameters"]),
        declared: plain ? declaredBy(method as object, member) : lengthOf(method),
      });
    });
  };
  return decorate;
}

/** Why a decorator cannot stand where it does. */
function misplaced(context: ClassMethodDecoratorContext | undefined): string | undefined {
  if (context?.kind !== "method") return `@ServiceAction stands on a ${(context?.kind as string | undefined) ?? "thing"}; an action is a method`;
  if (context.static || context.private) return `@ServiceAction stands on a ${context.static ? "static" : "private"} method; an action is a public one`;
  return typeof context.name === "symbol" ? "@ServiceAction stands on a method named by a symbol; an action has a name" : undefined;
}

/** How many parameters the method `member` of a class or its bases declares. */
function declaredBy(prototype: object, member: string): number {
  for (let holder: object | null = prototype; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, member);
    if (descriptor !== undefined) return lengthOf(descriptor.value);
  }
  return 0;
}

function lengthOf(method: unknown): number {
  return typeof method === "function" ? method.length : 0;
}
