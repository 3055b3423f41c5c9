import { expect, test } from "vitest";
import { checkedPriority } from "../fluent/checked-steps.ts";
import { checkedKey, retryProblem } from "../durable/stored-call-options.ts";
import { limits } from "./limits.ts";

test("limits hold what they name, and nobody changes them", () => {
  expect(Object.isFrozen(limits)).toBe(true);
  const { priority, attempts, keyLength } = limits;
  expect([checkedPriority(priority), checkedPriority(-priority)]).toEqual([priority, -priority]);
  expect(() => checkedPriority(priority + 1)).toThrow("it is a whole number from -1000000 to 1000000");
  expect(retryProblem({ attempts })).toBeUndefined();
  expect(retryProblem({ attempts: attempts + 1 })).toBe("attempts is 1000001, and is a whole number from 1 to 1,000,000");
  expect(checkedKey("k".repeat(keyLength), "key")).toHaveLength(keyLength);
  expect(() => checkedKey("k".repeat(keyLength + 1), "key")).toThrow("1 to 300 characters");
});
