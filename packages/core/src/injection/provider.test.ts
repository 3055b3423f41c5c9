import { expect, test } from "vitest";
import { providerProblem } from "./provider.ts";
import { token } from "./token.ts";

const Name = token<unknown>("Name");
class Database {}

test.each<readonly [provider: unknown, problem: string]>([
  [undefined, "is undefined; list a class, or [key, value], [key, Class] or [key, scope => value]"],
  [null, "is null; list a class"],
  [5, "is 5; list a class"],
  [() => {}, "is a function; list a class"],
  [{}, "is an object; list a class"],
  [new Database(), "is an object; list a class"],
  [Name, "is an object; list a class"],
  [[], "has undefined for a key, which is a class or a token: is it declared further down, or does its module import this one?"],
  [[undefined, 1], "has undefined for a key"],
  [["Name", 1], 'has "Name" for a key'],
  [[Name], "gives Name no value"],
  [[Database], "gives Database no value"],
  [[Name, 1, {}, 2], "has more than a key, a value and options; list each provider by itself"],
  [[Name, 1, null], "gives Name options that cannot be: they are null"],
  [[Name, () => 1, "scoped"], 'gives Name options that cannot be: they are "scoped"'],
  [[Name, () => 1, { lifetime: "request" }], 'gives Name options that cannot be: lifetime is "request"; it is one of "singleton", "scoped", "transient"'],
  [[Name, () => 1, { lifetme: "scoped" }], "gives Name options that cannot be: lifetme is no option of a provider; did you mean lifetime?"],
  [[Name, 1, { lifetime: "scoped" }], "gives Name the lifetime scoped, but a value that is made already"],
])("providerProblem says that %o %s", (provider, problem) => {
  expect(providerProblem(provider)).toContain(problem);
});

test.each([
  [Database],
  [[Name, undefined]],
  [[Name, 1]],
  [[Name, () => 1]],
  [[Database, Database, { lifetime: "scoped" }]],
  [[Name, 1, { lifetime: "singleton" }]],
  [[Name, 1, undefined]],
] as const)("providerProblem finds nothing wrong with %o", provider => {
  expect(providerProblem(provider)).toBeUndefined();
});
