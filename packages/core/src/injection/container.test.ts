import { describe, expect, test } from "vitest";
import { Container } from "./container.ts";
import { inject } from "./inject.ts";
import { token } from "./token.ts";

const Name = token<string>("Name");

/** Notes what is made and disposed of, in order. */
function journal(): { readonly lines: string[]; readonly part: (name: string, extra?: object) => () => { readonly name: string; dispose(): void } } {
  const lines: string[] = [];
  return {
    lines,
    part: (name, extra) => () => {
      lines.push(`make ${name}`);
      return { name, dispose: () => void lines.push(`dispose ${name}`), ...extra };
    },
  };
}

describe("lifetimes", () => {
  class Part {
    readonly id = {};
  }

  test("a value is itself, wherever it is asked for", () => {
    const value = { a: 1 };
    const Value = token<object>("Value");
    const container = new Container([
      [Value, value],
      [Name, undefined],
    ]);
    expect(container.get(Value)).toBe(value);
    expect(container.createScope().get(Value)).toBe(value);
    expect(container.get(Name)).toBeUndefined();
  });

  test("a singleton is made once, on demand or at start, for all scopes", async () => {
    let made = 0;
    class Counted {
      readonly number = ++made;
    }
    const container = new Container([Counted]);
    expect(made).toBe(0);
    expect(container.createScope().get(Counted).number).toBe(1);
    await container.start();
    expect(container.get(Counted).number).toBe(1);
    expect(made).toBe(1);
  });

  test("a scoped one is made once a scope", () => {
    const container = new Container([[Part, Part, { lifetime: "scoped" }]]);
    const [one, other] = [container.createScope(), container.createScope()];
    expect(one.get(Part)).toBe(one.get(Part));
    expect(one.get(Part)).not.toBe(other.get(Part));
  });

  test("a transient one is made each time", () => {
    const container = new Container([[Part, () => new Part(), { lifetime: "transient" }]]);
    const scope = container.createScope();
    expect(new Set([container.get(Part), container.get(Part), scope.get(Part), scope.get(Part)]).size).toBe(4);
  });

  test("one under construction shares the scope of what asked for it", () => {
    class Session {}
    class Repository {
      readonly session = inject(Session);
    }
    class Handler {
      readonly session = inject(Session);
      readonly repository = inject(Repository);
    }
    const container = new Container([
      [Handler, Handler, { lifetime: "transient" }],
      [Repository, Repository, { lifetime: "scoped" }],
      [Session, Session, { lifetime: "scoped" }],
    ]);
    const scope = container.createScope();
    const handler = scope.get(Handler);
    expect(handler.session).toBe(handler.repository.session);
    expect(handler.session).toBe(scope.get(Session));
  });
});

describe("keys", () => {
  test("two tokens of one name are two", () => {
    const [first, second] = [token<number>("Same"), token<number>("Same")];
    const container = new Container([
      [first, 1],
      [second, 2],
    ]);
    expect([container.get(first), container.get(second)]).toEqual([1, 2]);
    expect(() => container.get(token<number>("Same"))).toThrow(expect.objectContaining({ code: "SORA_DEPENDENCY_UNKNOWN" }));
  });

  test("an abstract class may stand for what implements it", () => {
    abstract class Store {
      abstract read(): string;
    }
    class MemoryStore extends Store {
      override read(): string {
        return "memory";
      }
    }
    expect(new Container([[Store, MemoryStore]]).get(Store).read()).toBe("memory");
  });

  test("the last of a key holds, in the place of the first", async () => {
    const made: string[] = [];
    const provide = [
      [Name, () => (made.push("first"), "first")],
      [token("Between"), () => made.push("between")],
      [Name, () => (made.push("last"), "last")],
    ] as const;
    const container = new Container([...provide]);
    await container.start();
    expect(container.get(Name)).toBe("last");
    expect(made).toEqual(["last", "between"]);
  });

  test.each<[unknown, string]>([
    [token("Absent"), "Cannot inject Absent: the host does not provide it."],
    [class Absent {}, "Cannot inject Absent: the host does not provide it."],
    [class {}, "Cannot inject an unnamed class: the host does not provide it."],
    [undefined, "Cannot inject undefined: it is declared further down, or its module imports this one."],
    [null, "Cannot inject null: the host does not provide it."],
  ])("what is not provided is refused by name", (key, message) => {
    expect(() => new Container([]).get(key as never)).toThrow(expect.objectContaining({ code: "SORA_DEPENDENCY_UNKNOWN", message }));
  });
});

describe("circles and captives", () => {
  class A {
    readonly b: unknown = inject(B);
  }
  class B {
    readonly c: unknown = inject(C);
  }
  class C {
    readonly a: unknown = inject(A);
  }

  test.each(["singleton", "scoped", "transient"] as const)("a circle of %s dependencies is named", async lifetime => {
    const container = new Container([
      [A, A, { lifetime }],
      [B, B, { lifetime }],
      [C, C, { lifetime }],
    ]);
    const scope = container.createScope();
    expect(() => scope.get(B)).toThrow(
      expect.objectContaining({ code: "SORA_DEPENDENCY_CYCLE", message: "Cannot make B: it depends on itself, B → C → A → B." }),
    );
    expect(() => scope.get(B)).toThrow("B → C → A → B");
    if (lifetime === "singleton")
      await expect(container.start()).rejects.toMatchObject({ code: "SORA_DEPENDENCY_CYCLE", message: "Cannot make A: it depends on itself, A → B → C → A." });
  });

  test("a circle by factories is one too, and one that depends on itself", () => {
    const [Left, Right] = [token<unknown>("Left"), token<unknown>("Right")];
    const container = new Container([
      [Left, scope => scope.get(Right)],
      [Right, scope => scope.get(Left)],
      [Name, scope => scope.get(Name)],
    ]);
    expect(() => container.get(Left)).toThrow("Left → Right → Left");
    expect(() => container.get(Name)).toThrow("Name → Name");
  });

  test("two that need the same third are no circle", () => {
    class Third {}
    class One {
      readonly third = inject(Third);
    }
    class Two {
      readonly third = inject(Third);
      readonly one = inject(One);
    }
    const two = new Container([Two, One, Third]).get(Two);
    expect(two.third).toBe(two.one.third);
  });

  test.each([
    ["at once", [A, [B, B, { lifetime: "scoped" }]], "A → B"],
    ["through a transient one", [A, [B, B, { lifetime: "transient" }], [C, C, { lifetime: "scoped" }]], "A → B → C"],
  ] as const)("a singleton does not capture what is scoped: %s", async (_how, provide, path) => {
    const container = new Container([...provide]);
    const refusal = expect.objectContaining({ code: "SORA_DEPENDENCY_SCOPE", message: expect.stringContaining(`(${path})`) as string });
    expect(() => container.createScope().get(A)).toThrow(refusal as Error);
    await expect(container.start()).rejects.toEqual(refusal);
  });

  test("the host itself has nothing scoped to give", () => {
    class Session {}
    expect(() => new Container([[Session, Session, { lifetime: "scoped" }]]).get(Session)).toThrow(expect.objectContaining({ code: "SORA_DEPENDENCY_SCOPE" }));
  });
});

describe("asynchronous factories", () => {
  const [Db, Migrated] = [token<{ readonly name: string }>("Db"), token<string>("Migrated")];

  test("are awaited in the order listed, and found by what comes after", async () => {
    const order: string[] = [];
    const container = new Container([
      [
        Db,
        async () => {
          await Promise.resolve();
          order.push("db");
          return { name: "db" };
        },
      ],
      [
        Migrated,
        async scope => {
          const { name } = scope.get(Db);
          await Promise.resolve();
          order.push("migrated");
          return `${name} migrated`;
        },
      ],
      [
        Name,
        () => {
          order.push("name");
          return `${inject(Migrated)}!`;
        },
      ],
    ]);
    await container.start();
    expect(order).toEqual(["db", "migrated", "name"]);
    expect(container.get(Name)).toBe("db migrated!");
    expect(container.createScope().get(Db)).toEqual({ name: "db" });
  });

  test("that are needed before their turn are told apart from absent ones", async () => {
    const container = new Container([
      [Name, scope => scope.get(Db)],
      [Db, async () => ({ name: "db" })],
    ]);
    await expect(container.start()).rejects.toMatchObject({
      code: "SORA_DEPENDENCY_UNKNOWN",
      message: "Cannot give Db yet (Name → Db): its factory has not finished.",
      fix: expect.stringContaining("before what depends on it") as string,
    });
  });

  test.each([
    [
      "rejects",
      async () => {
        throw new RangeError("no server");
      },
    ],
    [
      "throws",
      () => {
        throw new RangeError("no server");
      },
    ],
  ])("one that %s is named, and what was made before it is disposed of", async (_how, factory) => {
    const { lines, part } = journal();
    const container = new Container([
      [Name, part("name")],
      [Db, factory],
      [Migrated, part("migrated")],
    ]);
    await expect(container.start()).rejects.toMatchObject({
      code: "SORA_STARTUP_FAILED",
      message: "Cannot make Db, which the host provides: RangeError: no server",
      details: { dependency: "Db" },
      cause: expect.any(RangeError) as Error,
    });
    await container.dispose();
    expect(lines).toEqual(["make name", "dispose name"]);
  });

  test("one that nobody awaited and that rejects ends nothing", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      const container = new Container([
        [Name, scope => scope.get(Db)],
        [
          Db,
          async () => {
            throw new Error("no server");
          },
        ],
      ]);
      await expect(container.start()).rejects.toMatchObject({ code: "SORA_DEPENDENCY_UNKNOWN" });
      await container.dispose();
      await new Promise(resolve => void setImmediate(resolve));
    } finally {
      process.off("unhandledRejection", note);
    }
    expect(unhandled).toEqual([]);
  });

  test("a scoped one gives its promise", async () => {
    const container = new Container([[Name, async () => "later", { lifetime: "scoped" }]]);
    const scope = container.createScope();
    expect(await (scope.get(Name) as unknown as Promise<string>)).toBe("later");
  });
});

describe("disposal", () => {
  const [First, Second, Third] = [token<object>("First"), token<object>("Second"), token<object>("Third")];

  test("is in the reverse order of making, dependencies after what needs them", async () => {
    const { lines, part } = journal();
    const container = new Container([
      [First, scope => [scope.get(Second), part("first")()][1]],
      [Second, part("second")],
      [Third, async () => part("third")()],
    ]);
    await container.start();
    await container.dispose();
    expect(lines).toEqual(["make second", "make first", "make third", "dispose third", "dispose first", "dispose second"]);
  });

  test("goes on after what throws, and tells all errors together", async () => {
    const { lines, part } = journal();
    const failing = (name: string): object => ({
      dispose: () => {
        lines.push(`dispose ${name}`);
        throw new Error(`${name} is busy`);
      },
    });
    const container = new Container([
      [First, () => failing("first")],
      [Second, part("second")],
      [
        Third,
        () => ({
          [Symbol.asyncDispose]: async () => {
            throw new Error("third is busy");
          },
        }),
      ],
    ]);
    await container.start();
    await expect(container.dispose()).rejects.toMatchObject({
      message: "2 dependencies could not be disposed of: Error: third is busy; Error: first is busy",
      errors: [new Error("third is busy"), new Error("first is busy")],
    });
    expect(lines).toEqual(["make second", "dispose second", "dispose first"]);
    await container.dispose();
    expect(lines).toHaveLength(3);
  });

  test("prefers Symbol.asyncDispose, then Symbol.dispose, then dispose", async () => {
    const called: string[] = [];
    const all = {
      [Symbol.asyncDispose]: async () => void called.push("async"),
      [Symbol.dispose]: () => void called.push("sync"),
      dispose: () => void called.push("method"),
    };
    const container = new Container([
      [First, () => all],
      [Second, () => ({ [Symbol.dispose]: all[Symbol.dispose], dispose: all.dispose })],
      [Third, () => ({ dispose: all.dispose })],
      [Name, () => ({ dispose: "no function" })],
    ]);
    await container.start();
    await container.dispose();
    expect(called).toEqual(["method", "sync", "async"]);
  });

  test("leaves a value alone that the program gave, also where a factory hands it on", async () => {
    const { lines, part } = journal();
    const given = part("given")();
    const container = new Container([
      [First, given],
      [Second, scope => scope.get(First)],
    ]);
    await container.start();
    expect(container.get(Second)).toBe(given);
    await container.dispose();
    expect(lines).toEqual(["make given"]);
  });

  test("is once for what stands under two keys", async () => {
    const { lines, part } = journal();
    const container = new Container([
      [First, async () => part("one")()],
      [Second, scope => scope.get(First)],
    ]);
    await container.start();
    await container.dispose();
    expect(lines).toEqual(["make one", "dispose one"]);
  });

  test("of a scope leaves singletons to the host, also where a scoped factory hands one on", async () => {
    const { lines, part } = journal();
    const container = new Container([
      [First, async () => part("shared")()],
      [Second, scope => scope.get(First), { lifetime: "scoped" }],
      [Third, part("scoped"), { lifetime: "scoped" }],
      [Name, part("transient"), { lifetime: "transient" }],
    ]);
    await container.start();
    const scope = container.createScope();
    expect(scope.get(Second)).toBe(container.get(First));
    scope.get(Third);
    scope.get(Name);
    await scope.dispose();
    expect(lines).toEqual(["make shared", "make scoped", "make transient", "dispose transient", "dispose scoped"]);
    await container.dispose();
    expect(lines.at(-1)).toBe("dispose shared");
  });

  test("ends the scope: what asks for more afterwards is refused", async () => {
    const container = new Container([
      [First, () => ({}), { lifetime: "scoped" }],
      [Second, () => ({})],
    ]);
    const scope = container.createScope();
    scope.get(First);
    await scope.dispose();
    expect(() => scope.get(First)).toThrow(
      expect.objectContaining({
        code: "SORA_INJECTION_CONTEXT",
        message: "Cannot make First: what asks for it has ended, and its dependencies are disposed of.",
      }),
    );
    expect(scope.get(Second)).toEqual({});
  });

  test("holds on to no transient that has nothing to dispose of", async () => {
    const made: WeakRef<object>[] = [];
    const container = new Container([
      [
        First,
        () => {
          const one = { bytes: new Uint8Array(64) };
          made.push(new WeakRef(one));
          return one;
        },
        { lifetime: "transient" },
      ],
    ]);
    for (let n = 0; n < 1_000; n++) container.get(First);
    const { setFlagsFromString } = await import("node:v8");
    const { runInNewContext } = await import("node:vm");
    setFlagsFromString("--expose-gc");
    await new Promise(resolve => void setImmediate(resolve)); // what was dereferenced in this turn lives to its end
    (runInNewContext("gc") as () => void)();
    expect(made.filter(one => one.deref() !== undefined).length).toBeLessThan(10);
  });
});

describe("inject", () => {
  test("answers in fields, constructors and factories, and nowhere else", async () => {
    class InConstructor {
      readonly name: string;
      constructor() {
        this.name = inject(Name);
      }
      later(): string {
        return inject(Name);
      }
    }
    class InField {
      readonly made = new InConstructor(); // made by nobody's container, in the middle of a construction
      readonly name = inject(Name);
    }
    const container = new Container([InField, [Name, () => "name"]]);
    const one = container.get(InField);
    expect([one.name, one.made.name]).toEqual(["name", "name"]);
    const outside = expect.objectContaining({ code: "SORA_INJECTION_CONTEXT", message: "Cannot inject Name: nothing is being constructed by a host." });
    expect(() => one.made.later()).toThrow(outside as Error);
    expect(() => inject(Name)).toThrow(outside as Error);
    expect(() => new InConstructor()).toThrow(outside as Error);

    const afterwards = new Container([
      [
        Name,
        async () => {
          await Promise.resolve();
          return inject(Name);
        },
      ],
    ]);
    await expect(afterwards.start()).rejects.toMatchObject({ code: "SORA_INJECTION_CONTEXT" });
  });

  test("answers again for the outer construction once an inner one has ended, even by throwing", () => {
    class Failing {
      constructor() {
        throw new Error("inner");
      }
    }
    class Outer {
      readonly before = inject(Name);
      readonly failure = ((): unknown => {
        try {
          return inject(Failing);
        } catch (error) {
          return error;
        }
      })();
      readonly after = inject(Name);
    }
    const container = new Container([Outer, Failing, [Name, "name"]]);
    expect(container.get(Outer)).toMatchObject({ before: "name", failure: new Error("inner"), after: "name" });
    expect(() => inject(Name)).toThrow(expect.objectContaining({ code: "SORA_INJECTION_CONTEXT" }));
  });

  test("keeps two hosts apart whose constructions are nested", () => {
    const inner = new Container([[Name, "inner"]]);
    class Outer {
      readonly inside = inner.createScope().get(Name);
      readonly name = inject(Name);
    }
    expect(new Container([Outer, [Name, "outer"]]).get(Outer)).toMatchObject({ inside: "inner", name: "outer" });
  });
});
