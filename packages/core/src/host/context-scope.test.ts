import { AsyncLocalStorage } from "node:async_hooks";
import { beforeEach, describe, expect, test } from "vitest";
import { createContextScope } from "./context-scope.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ContextScope } from "./context-scope.ts";

const context = (name: string): WorkContext => ({ name }) as unknown as WorkContext;
const outer = context("outer");
const inner = context("inner");
const emptyFrame = AsyncLocalStorage.snapshot();

describe("createContextScope", () => {
  let own: AsyncLocalStorage<WorkContext>;
  let runIn: ContextScope;
  const other = new AsyncLocalStorage<string>();
  const third = new AsyncLocalStorage<string>();
  const seen = (): unknown[] => [own.getStore(), other.getStore(), third.getStore()];

  beforeEach(() => {
    own = new AsyncLocalStorage();
    runIn = createContextScope(own);
  });

  const inScope = <R>(value: WorkContext, work: () => R): R => runIn(value, () => work(), undefined, undefined);

  test("shows the context to the work and to all that follows from it, and hands over what it was given", async () => {
    const later = runIn(
      outer,
      async (given: WorkContext, a: number, b: string) => {
        await Promise.resolve();
        return [given, own.getStore(), a, b];
      },
      1,
      "b",
    );
    expect(own.getStore()).toBeUndefined();
    await expect(later).resolves.toEqual([outer, outer, 1, "b"]);
    expect(own.getStore()).toBeUndefined();
  });

  test("puts the caller's context back, also after the work throws", () => {
    inScope(outer, () => {
      expect(() =>
        inScope(inner, () => {
          throw new Error(`inside ${own.getStore() === inner}`);
        }),
      ).toThrow("inside true");
      expect(own.getStore()).toBe(outer);
    });
    expect(own.getStore()).toBeUndefined();
  });

  test("keeps every other storage's value, whichever was entered first, and after a wait", async () => {
    await emptyFrame(() =>
      other.run("a", () =>
        inScope(outer, async () => {
          expect(seen()).toEqual([outer, "a", undefined]);
          await third.run("b", async () => {
            expect(seen()).toEqual([outer, "a", "b"]);
            await inScope(inner, async () => {
              await Promise.resolve();
              expect(seen()).toEqual([inner, "a", "b"]);
            });
            expect(seen()).toEqual([outer, "a", "b"]);
          });
          expect(seen()).toEqual([outer, "a", undefined]);
        }),
      ),
    );
  });

  test("keeps another storage's value that is entered between two of its own scopes", () => {
    emptyFrame(() =>
      inScope(outer, () =>
        inScope(inner, () => {
          expect(seen()).toEqual([inner, undefined, undefined]);
          other.run("a", () => inScope(outer, () => expect(seen()).toEqual([outer, "a", undefined])));
        }),
      ),
    );
  });

  test("keeps what another library enters inside to the inside", () => {
    emptyFrame(() =>
      inScope(outer, () => {
        inScope(inner, () => other.enterWith("inside"));
        expect(seen()).toEqual([outer, undefined, undefined]);
      }),
    );
  });
});
