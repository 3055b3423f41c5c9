import { describe, expect, test } from "vitest";
import { resolveEnvironment, runOption } from "./environment.ts";

describe("resolveEnvironment", () => {
  test.each([
    [{}, undefined, "Development"],
    [{ NODE_ENV: "production" }, undefined, "Production"],
    [{ NODE_ENV: "test" }, undefined, "Testing"],
    [{ NODE_ENV: "staging" }, undefined, "Development"],
    [{ NODE_ENV: "production", SORA_ENVIRONMENT: "Staging" }, undefined, "Staging"],
    [{ NODE_ENV: "production", SORA_ENVIRONMENT: "testing" }, undefined, "Testing"],
    [{ NODE_ENV: "production", SORA_ENVIRONMENT: "Staging" }, "Development", "Development"],
    [{ NODE_ENV: "test" }, "PRODUCTION", "Production"],
    [{ NODE_ENV: "test", SORA_ENVIRONMENT: " " }, "", "Testing"],
  ])("reads %o with %o given as %s", (env, given, expected) => {
    expect(resolveEnvironment(env, given)).toBe(expected);
  });
});

describe("runOption", () => {
  test.each([
    ["Development", "runInDevelopment"],
    ["development", "runInDevelopment"],
    ["Testing", "runInTesting"],
    ["Production", "runInProduction"],
    ["Staging", "runInProduction"],
  ] as const)("asks %s for %s", (environment, option) => {
    expect(runOption(environment)).toBe(option);
  });
});
