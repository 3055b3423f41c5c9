import { expectTypeOf } from "vitest";
import { inject } from "./inject.ts";
import { token } from "./token.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { SoraHost } from "../host/sora-host.ts";
import type { InjectionScope, Provider } from "./provider.ts";

declare const scope: InjectionScope;
declare const context: ActionContext;
declare const host: SoraHost;

const Port = token<number>("Port");
abstract class Store {
  abstract read(): Promise<string>;
}
class Generic<T> {
  readonly value!: T;
}

// A token gives what it stands for, a class its instance, abstract or not: through every door.
expectTypeOf(inject(Port)).toEqualTypeOf<number>();
expectTypeOf(inject(Store)).toEqualTypeOf<Store>();
expectTypeOf(inject(Generic<string>)).toEqualTypeOf<Generic<string>>();
expectTypeOf(scope.get(Port)).toEqualTypeOf<number>();
expectTypeOf(context.inject(Store)).toEqualTypeOf<Store>();
expectTypeOf(host.get(Port)).toEqualTypeOf<number>();
// @ts-expect-error a name is no key
inject("Port");
// @ts-expect-error neither is an instance
inject({ read: async () => "" });
// @ts-expect-error a token of one thing is none of another
expectTypeOf(token<string>("Port")).toEqualTypeOf<typeof Port>();

// What may be provided.
export const provide: readonly Provider[] = [
  Generic,
  [Port, 5],
  [Port, (within: InjectionScope) => within.get(Store)],
  [Port, async () => 5],
  [
    Store,
    class extends Store {
      override read = async (): Promise<string> => "";
    },
  ],
  [Store, Generic, { lifetime: "scoped" }],
];
// @ts-expect-error a lifetime that is not there
export const badLifetime: Provider = [Port, () => 5, { lifetime: "request" }];
// @ts-expect-error a name is no key
export const badKey: Provider = ["Port", 5];
// @ts-expect-error a key has a value
export const noValue: Provider = [Port];
// @ts-expect-error a function alone is no class
export const noClass: Provider = () => 5;
