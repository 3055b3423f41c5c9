import { expectTypeOf } from "vitest";
import { z } from "zod";
import { ServiceAction } from "../definition/service-action.ts";
import { defineService } from "../definition/define-service.ts";
import { serviceContract } from "../definition/service-contract.ts";
import { SoraBackgroundServiceBase } from "../definition/sora-background-service-base.ts";
import { SoraFluentServiceBase } from "../definition/sora-fluent-service-base.ts";
import { SoraPeriodicServiceBase, SoraPokablePeriodicServiceBase } from "../definition/sora-periodic-service-base.ts";
import { SoraServices } from "./sora-services.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { FrameworkMember } from "../definition/framework-members.ts";
import type { Parsed } from "../definition/schema.ts";
import type { SoraHost } from "../host/sora-host.ts";
import type { BatchParameters, ClassShape, PeriodicCommands, ShapeOf } from "./shape-of.ts";

declare const host: SoraHost;
declare const context: ActionContext;

const Options = z.object({ to: z.string(), from: z.string().default("auto") });
const Everything = z.object({ to: z.string().default("en") }).prefault({});

abstract class Base extends SoraFluentServiceBase {
  async inherited(): Promise<"inherited"> {
    return "inherited";
  }
  abstract later(parameters: { readonly n: number }, context: ActionContext): Promise<number>;
}

class TranslationService extends Base {
  readonly field = 5;
  readonly arrow = async (): Promise<string> => "arrow";
  readonly optional?: () => void;
  @ServiceAction({ parameters: Options }) async translate(options: Parsed<typeof Options>, { signal }: ActionContext): Promise<{ characters: number }> {
    signal.throwIfAborted();
    return { characters: options.from.length };
  }
  @ServiceAction({ parameters: Options }) async strict(options: z.output<typeof Options>): Promise<string> {
    return options.from;
  }
  @ServiceAction({ parameters: Everything }) async optionalAll(options: Parsed<typeof Everything>): Promise<string> {
    return options.to;
  }
  @ServiceAction({ parameters: z.string().optional() }) async maybe(text: string | undefined): Promise<string> {
    return text ?? "";
  }
  @ServiceAction({ parameters: z.string().default("x") }) async defaulted(text: Parsed<z.ZodDefault<z.ZodString>>): Promise<number> {
    return text.length;
  }
  @ServiceAction({ parameters: z.union([z.string(), z.number().transform(String)]) }) async coerced(text: string): Promise<string> {
    return text;
  }
  @ServiceAction() async checkQueue(): Promise<void> {}
  @ServiceAction() async parseURL({ action }: ActionContext): Promise<string> {
    return action;
  }
  @ServiceAction() synchronous(): number {
    return 1;
  }
  @ServiceAction() async anything(parameters: unknown, { attempt }: ActionContext): Promise<unknown> {
    return [parameters, attempt];
  }
  override async later({ n }: { readonly n: number }): Promise<number> {
    return n;
  }
  undecorated(): string {
    return "undecorated";
  }
  protected async guarded(): Promise<void> {}
  private async hidden(): Promise<void> {}
  async #secret(): Promise<void> {}
  override executeCore(): unknown {
    return [this.hidden(), this.#secret()];
  }
  static shared(): void {}
  get getter(): number {
    return 1;
  }
}

const services = SoraServices.of(TranslationService);

// Names, parameters and results.
expectTypeOf<keyof ShapeOf<typeof TranslationService>>().toEqualTypeOf<
  | "inherited"
  | "later"
  | "arrow"
  | "translate"
  | "strict"
  | "optional-all"
  | "maybe"
  | "defaulted"
  | "coerced"
  | "check-queue"
  | "parse-url"
  | "synchronous"
  | "anything"
  | "undecorated"
>();
expectTypeOf(services.do("translate", { to: "de" }).execute()).toEqualTypeOf<Promise<{ characters: number }>>();
expectTypeOf(services.do("translate", { to: "de", from: "en" }).execute()).toEqualTypeOf<Promise<{ characters: number }>>();
expectTypeOf(services.do("strict", { to: "de", from: "en" }).execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(services.do("optional-all").execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(services.do("optional-all", {}).execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(services.do("maybe").execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(services.do("defaulted").execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(services.do("defaulted", "a").execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(services.do("check-queue").execute()).toEqualTypeOf<Promise<void>>();
expectTypeOf(services.do("parse-url").execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(services.do("synchronous").execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(services.do("anything").execute()).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(services.do("anything", 5).execute()).toEqualTypeOf<Promise<unknown>>();
expectTypeOf(services.do("later", { n: 1 }).execute()).toEqualTypeOf<Promise<number>>();
// Decorators cannot change types, so an undecorated public method compiles too.
expectTypeOf(services.do("undecorated").execute()).toEqualTypeOf<Promise<string>>();
// @ts-expect-error an unknown action
services.do("trnslate", { to: "de" });
// @ts-expect-error a method's name is not its action's
services.do("checkQueue");
// @ts-expect-error a private method
services.do("hidden");
// @ts-expect-error a protected method
services.do("guarded");
// @ts-expect-error a method with a private name
services.do("secret");
// @ts-expect-error a static method
services.do("shared");
// @ts-expect-error a field
services.do("field");
// @ts-expect-error a getter
services.do("getter");
// @ts-expect-error a member of the framework's
services.do("execute-core");
// @ts-expect-error a member of the framework's
services.do("emit");
// @ts-expect-error parameters are missing
services.do("translate");
// @ts-expect-error a property is missing
services.do("translate", {});
// @ts-expect-error a property of another type
services.do("translate", { to: 5 });
// @ts-expect-error a property too many
services.do("translate", { to: "de", form: "en" });
// @ts-expect-error the method says it gets everything, so a caller gives everything; Parsed<typeof Options> lets defaults be left out
services.do("strict", { to: "de" });
// @ts-expect-error an action without parameters
services.do("check-queue", {});
// @ts-expect-error the context is not a caller's to give
services.do("parse-url", context);

// The same through every door.
expectTypeOf(host.services(TranslationService).do("translate", { to: "de" }).execute()).toEqualTypeOf<Promise<{ characters: number }>>();
expectTypeOf(context.services(TranslationService).do("translate", { to: "de" }).execute()).toEqualTypeOf<Promise<{ characters: number }>>();
expectTypeOf(SoraServices.remote<TranslationService>("TranslationService").do("translate", { to: "de" }).execute()).toEqualTypeOf<
  Promise<{ characters: number }>
>();
// @ts-expect-error an unknown action
host.services(TranslationService).do("trnslate");
// @ts-expect-error an unknown action
context.services(TranslationService).do("trnslate");
// @ts-expect-error an unknown action
SoraServices.remote<TranslationService>("TranslationService").do("trnslate");
// @ts-expect-error not a service
SoraServices.of({ name: "TranslationService" });
// @ts-expect-error a name is not a service; there is named(…)
SoraServices.of("TranslationService");

// The untyped door takes any name and parameters, and gives no type.
expectTypeOf(SoraServices.named("TranslationService").do("whatever", { a: 1 }).execute()).toEqualTypeOf<Promise<unknown>>();

// By type alone: a class, `typeof` a definition, `typeof` a contract.
const defined = defineService("Defined", { actions: { greet: { parameters: Options, run: async ({ to }) => to } }, every: "1h", execute() {} });
const contract = serviceContract("Defined", { actions: { greet: { parameters: Options, result: z.string() } } });
expectTypeOf(SoraServices.remote<typeof defined>("Defined").do("greet", { to: "de" }).execute()).toEqualTypeOf<Promise<string>>();
expectTypeOf(SoraServices.remote<typeof defined>("Defined").do("trigger").execute()).toEqualTypeOf<Promise<void>>();
expectTypeOf(SoraServices.remote<typeof contract>("Defined").do("greet", { to: "de" }).execute()).toEqualTypeOf<Promise<string>>();
// @ts-expect-error an unknown action
SoraServices.remote<typeof defined>("Defined").do("greets", { to: "de" });

// Built-in commands come with the periodic base classes, and with no other.
class Cleanup extends SoraPeriodicServiceBase {
  override executePeriodic(): void {}
  async checkDisk(): Promise<number> {
    return 1;
  }
}
class Pokable extends SoraPokablePeriodicServiceBase {
  override executePeriodic(): void {}
}
for (const periodic of [Cleanup, Pokable]) {
  expectTypeOf(SoraServices.of(periodic).do("trigger").execute()).toEqualTypeOf<Promise<void>>();
  expectTypeOf(SoraServices.of(periodic).do("check-queue").execute()).toEqualTypeOf<Promise<void>>();
  expectTypeOf(SoraServices.of(periodic).do("process-batch").execute()).toEqualTypeOf<Promise<unknown>>();
  expectTypeOf(SoraServices.of(periodic).do("process-batch", { batchSize: 5, filter: "a" }).execute()).toEqualTypeOf<Promise<unknown>>();
}
expectTypeOf<keyof ClassShape<Pokable>>().toEqualTypeOf<keyof PeriodicCommands>();
expectTypeOf<keyof ClassShape<Cleanup>>().toEqualTypeOf<keyof PeriodicCommands | "check-disk">();
expectTypeOf<ClassShape<Pokable>["process-batch"]["args"]>().toEqualTypeOf<[batch?: BatchParameters]>();
expectTypeOf(SoraServices.of(Cleanup).do("check-disk").execute()).toEqualTypeOf<Promise<number>>();
// @ts-expect-error a batch has a size
SoraServices.of(Cleanup).do("process-batch", { size: 5 });
// @ts-expect-error a poke takes nothing
SoraServices.of(Cleanup).do("trigger", {});
// @ts-expect-error the methods behind them are the framework's
SoraServices.of(Pokable).do("on-trigger-now");
// @ts-expect-error it is not periodic
services.do("trigger");
// @ts-expect-error it is not periodic
services.do("process-batch");

// A method of a command's name is what the name means.
class OwnQueue extends SoraPeriodicServiceBase {
  override executePeriodic(): void {}
  @ServiceAction() async checkQueue(): Promise<number> {
    return 1;
  }
}
expectTypeOf(SoraServices.of(OwnQueue).do("check-queue").execute()).toEqualTypeOf<Promise<number>>();
expectTypeOf(SoraServices.of(OwnQueue).do("trigger").execute()).toEqualTypeOf<Promise<void>>();

// Abstract, generic and plain classes.
expectTypeOf(SoraServices.of(Base).do("later", { n: 1 }).execute()).toEqualTypeOf<Promise<number>>();

abstract class Store<T extends { readonly id: string }> extends SoraFluentServiceBase {
  async save(item: T, given: ActionContext): Promise<T> {
    return this.keep(item, given);
  }
  async all(): Promise<T[]> {
    return [];
  }
  protected abstract keep(item: T, context: ActionContext): Promise<T>;
}
class OrderStore extends Store<{ readonly id: string; readonly total: number }> {
  protected override async keep(item: { readonly id: string; readonly total: number }): Promise<{ readonly id: string; readonly total: number }> {
    return item;
  }
}
expectTypeOf(SoraServices.of(OrderStore).do("save", { id: "a", total: 1 }).execute()).toEqualTypeOf<Promise<{ readonly id: string; readonly total: number }>>();
expectTypeOf(SoraServices.of(OrderStore).do("all").execute()).toEqualTypeOf<Promise<{ readonly id: string; readonly total: number }[]>>();
// @ts-expect-error the argument of the type
SoraServices.of(OrderStore).do("save", { id: "a" });
expectTypeOf(SoraServices.of(Store).do("save", { id: "a" }).execute()).toEqualTypeOf<Promise<{ readonly id: string }>>();
expectTypeOf(SoraServices.remote<Store<{ readonly id: string; readonly n: 1 }>>("OrderStore").do("all").execute()).toEqualTypeOf<
  Promise<{ readonly id: string; readonly n: 1 }[]>
>();

class Plain {
  execute(): void {}
  async greet(name: { readonly name: string }, { action }: ActionContext): Promise<string> {
    return `${action} ${name.name}`;
  }
}
expectTypeOf(SoraServices.of(Plain).do("greet", { name: "Ada" }).execute()).toEqualTypeOf<Promise<string>>();
// @ts-expect-error execute is the framework's to call
SoraServices.of(Plain).do("execute");

// A constructor that takes dependencies, or is private, does not stand in the way.
class WithConstructor extends SoraBackgroundServiceBase {
  readonly n: number;
  constructor(n: number) {
    super();
    this.n = n;
  }
  override execute(): void {}
  async count(): Promise<number> {
    return this.n;
  }
}
expectTypeOf(SoraServices.of(WithConstructor).do("count").execute()).toEqualTypeOf<Promise<number>>();
class WithPrivateConstructor {
  private constructor() {}
  static make(): WithPrivateConstructor {
    return new WithPrivateConstructor();
  }
  async count(): Promise<number> {
    return 1;
  }
}
expectTypeOf(SoraServices.of(WithPrivateConstructor).do("count").execute()).toEqualTypeOf<Promise<number>>();

// Nothing that a base class has is an action: the list is whole.
expectTypeOf<Exclude<keyof SoraPokablePeriodicServiceBase & string, FrameworkMember>>().toBeNever();
