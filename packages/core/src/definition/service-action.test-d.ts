import { type as arktype } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { ServiceAction } from "./service-action.ts";
import { SoraBackgroundService } from "./sora-background-service.ts";
import { SoraFluentServiceBase } from "./sora-fluent-service-base.ts";
import { type } from "./type.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { Parsed } from "./schema.ts";

const Zod = z.object({ to: z.string(), from: z.string().default("auto"), at: z.coerce.date() });
const Valibot = v.object({ to: v.string(), from: v.optional(v.string(), "auto") });
const Arktype = arktype({ to: "string", "from?": "string" });
const Bare = type<{ readonly to: string }>();

// What an action's method may be.
@SoraBackgroundService()
export class Fine extends SoraFluentServiceBase {
  @ServiceAction() async nothing(): Promise<void> {}
  @ServiceAction() synchronous(): number {
    return 1;
  }
  @ServiceAction("only-context") async onlyContext(context: ActionContext): Promise<string> {
    return context.action;
  }
  @ServiceAction({ description: "takes anything" }) async anything(parameters: unknown, context: ActionContext): Promise<unknown> {
    return [parameters, context];
  }
  @ServiceAction() async known(parameters: { to: string }, { signal }: ActionContext): Promise<unknown> {
    return [parameters, signal];
  }
  @ServiceAction("zod", { parameters: Zod, concurrency: 5 }) async zod(parameters: Parsed<typeof Zod>, context: ActionContext): Promise<unknown> {
    return [parameters.at.getTime(), context];
  }
  @ServiceAction({ parameters: Zod }) async output(parameters: z.output<typeof Zod>): Promise<unknown> {
    return parameters;
  }
  @ServiceAction({ parameters: Zod }) async wider(parameters: { to: string }): Promise<unknown> {
    return parameters;
  }
  @ServiceAction({ parameters: Zod }) async ignored(): Promise<void> {}
  @ServiceAction({ parameters: Valibot }) async valibot(parameters: Parsed<typeof Valibot>): Promise<string> {
    return parameters.from;
  }
  @ServiceAction({ parameters: Arktype }) async arktype(parameters: Parsed<typeof Arktype>): Promise<string | undefined> {
    return parameters.from;
  }
  @ServiceAction({ parameters: Bare }) async bare(parameters: { readonly to: string }): Promise<string> {
    return parameters.to;
  }
  @ServiceAction({ parameters: type<string>() }) async text(text: string): Promise<string> {
    return text;
  }
  @ServiceAction({ parameters: z.string().default("x") }) async defaulted(text: Parsed<z.ZodDefault<z.ZodString>>): Promise<string> {
    return text;
  }
  @ServiceAction({ parameters: z.unknown() }) async unchecked(parameters: unknown): Promise<unknown> {
    return parameters;
  }
  @ServiceAction({ parameters: Zod }) async withDefault(parameters: Parsed<typeof Zod> | undefined, context: ActionContext): Promise<unknown> {
    return [parameters, context];
  }
  @ServiceAction("parse-url") async parseURL(): Promise<void> {}
  @ServiceAction("process2-d") async process2D(): Promise<void> {}
  async notAnAction(a: string, b: number): Promise<unknown> {
    return [a, b];
  }
}

export class Refused extends SoraFluentServiceBase {
  // @ts-expect-error the name is not the method's in kebab case
  @ServiceAction("other-name") async oneName(): Promise<void> {}
  // @ts-expect-error nor with options
  @ServiceAction("other-name", { parameters: Zod }) async anotherName(parameters: Parsed<typeof Zod>): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error the name is in kebab case
  @ServiceAction("camelCase") async camelCase(): Promise<void> {}

  // @ts-expect-error one parameter that is not the context, and no schema
  @ServiceAction() async lone(parameters: { to: string }): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error nor where its type is any, which says nothing
  @ServiceAction() async loneAny(parameters: any): Promise<unknown> {
    return parameters as unknown;
  }
  // @ts-expect-error nor where it is unknown
  @ServiceAction() async loneUnknown(parameters: unknown): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error a default hides a parameter at run time
  @ServiceAction() async defaulted(parameters: string = "x", context: ActionContext): Promise<unknown> {
    return [parameters, context];
  }
  // @ts-expect-error the same, standing alone
  @ServiceAction() async loneDefault(parameters: string = "x"): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error a rest parameter
  @ServiceAction() async rest(...parameters: string[]): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error a rest parameter behind another
  @ServiceAction({ parameters: Zod }) async restBehind(parameters: Parsed<typeof Zod>, ...rest: ActionContext[]): Promise<unknown> {
    return [parameters, rest];
  }
  // @ts-expect-error an optional context
  @ServiceAction({ parameters: Zod }) async optionalContext(parameters: Parsed<typeof Zod>, context?: ActionContext): Promise<unknown> {
    return [parameters, context];
  }
  // @ts-expect-error three parameters
  @ServiceAction() async three(a: string, b: ActionContext, c: string): Promise<unknown> {
    return [a, b, c];
  }
  // @ts-expect-error the second one is the context
  @ServiceAction() async second(a: string, b: string): Promise<unknown> {
    return [a, b];
  }
  // @ts-expect-error the second one is the context, with a schema too
  @ServiceAction({ parameters: Zod }) async secondToo(a: Parsed<typeof Zod>, b: string): Promise<unknown> {
    return [a, b];
  }

  // @ts-expect-error the method wants what the schema does not yield
  @ServiceAction({ parameters: Zod }) async other(parameters: { to: number }): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error the method wants more than the schema yields
  @ServiceAction({ parameters: Zod }) async more(parameters: { to: string; extra: string }): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error the method wants the input where the schema yields the output
  @ServiceAction({ parameters: Zod }) async input(parameters: { to: string; at: string }): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error valibot
  @ServiceAction({ parameters: Valibot }) async valibot(parameters: { to: number }): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error arktype
  @ServiceAction({ parameters: Arktype }) async arktype(parameters: { to: string; from: string }): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error the bare type form
  @ServiceAction({ parameters: Bare }) async bare(parameters: { to: number }): Promise<unknown> {
    return parameters;
  }
  // @ts-expect-error the context stands second where there is a schema
  @ServiceAction({ parameters: Zod }) async contextFirst(context: ActionContext): Promise<unknown> {
    return context;
  }

  // @ts-expect-error private methods are no actions
  @ServiceAction() private async hidden(): Promise<void> {}
  // @ts-expect-error nor protected ones
  @ServiceAction() protected async guarded(): Promise<void> {}
  // @ts-expect-error nor those with a private name
  @ServiceAction() async #secret(): Promise<void> {}
  override executeCore(): unknown {
    return this.#secret();
  }
  // @ts-expect-error nor static ones
  @ServiceAction() static async shared(): Promise<void> {}
  // @ts-expect-error nor those named by a symbol
  @ServiceAction() async [Symbol.iterator](): Promise<void> {}
  // @ts-expect-error a field is no method
  @ServiceAction() field = async (): Promise<void> => {};
  // @ts-expect-error a getter is no method
  @ServiceAction() get getter(): number {
    return 1;
  }
  // @ts-expect-error the framework's own member
  @ServiceAction() override async isReady(): Promise<boolean> {
    return true;
  }

  // @ts-expect-error an option that is not there
  @ServiceAction("typo", { concurency: 5 }) async typo(): Promise<void> {}
  // @ts-expect-error a duration with a typo
  @ServiceAction("late", { timeout: "5 min" }) async late(): Promise<void> {}
  // @ts-expect-error a backoff that is not there
  @ServiceAction("retried", { retry: { backoff: "linear" } }) async retried(): Promise<void> {}
  // @ts-expect-error no schema
  @ServiceAction("no-schema", { parameters: { to: "string" } }) async noSchema(parameters: unknown): Promise<unknown> {
    return parameters;
  }
}

// The same as a plain function.
export class Plain extends SoraFluentServiceBase {
  async checkQueue(): Promise<void> {}
  async translate(parameters: Parsed<typeof Zod>, context: ActionContext): Promise<unknown> {
    return [parameters, context];
  }
  async lone(parameters: string): Promise<unknown> {
    return parameters;
  }
  protected async guarded(): Promise<void> {}
}
ServiceAction()(Plain, "checkQueue");
ServiceAction("check-queue")(Plain, "checkQueue");
ServiceAction("translate", { parameters: Zod })(Plain, "translate");
// @ts-expect-error the name is not the method's in kebab case
ServiceAction("queue")(Plain, "checkQueue");
// @ts-expect-error there is no such method
ServiceAction()(Plain, "checkQueues");
// @ts-expect-error it is not public
ServiceAction()(Plain, "guarded");
// @ts-expect-error it is the framework's
ServiceAction()(Plain, "executeCore");
// @ts-expect-error it is not a method
ServiceAction()(Plain, "name");
// @ts-expect-error one parameter that is not the context, and no schema
ServiceAction()(Plain, "lone");
// @ts-expect-error the method wants what the schema does not yield
ServiceAction({ parameters: Valibot })(Plain, "lone");
// @ts-expect-error not a class
ServiceAction()({}, "checkQueue");

// Abstract and generic classes.
export abstract class Store<T extends { readonly id: string }> extends SoraFluentServiceBase {
  @ServiceAction({ parameters: type<T>() }) async save(item: T, context: ActionContext): Promise<T> {
    return this.keep(item, context);
  }
  // @ts-expect-error a type parameter may stand for undefined, so here too the type has to be said
  @ServiceAction() async remove(item: T, context: ActionContext): Promise<unknown> {
    return [item, context];
  }
  @ServiceAction("find-all") async findAll(): Promise<T[]> {
    return [];
  }
  protected abstract keep(item: T, context: ActionContext): Promise<T>;
}
ServiceAction("find-all")(Store, "findAll");
