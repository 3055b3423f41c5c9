import { expect, test } from "vitest";
import { z } from "zod";
import { isUnchecked, type } from "./type.ts";

test("type passes a value on as the very same", () => {
  const value = { some: "value" };
  expect(type<object>()["~standard"].validate(value)).toEqual({ value });
  const result = type<object>()["~standard"].validate(value) as { readonly value: object };
  expect(result.value).toBe(value);
});

test("isUnchecked knows what type made, in any copy of the package, and nothing else", () => {
  expect(isUnchecked(type<string>())).toBe(true);
  expect(isUnchecked({ ...type<string>() })).toBe(true);
  expect(isUnchecked(z.unknown())).toBe(false);
});
