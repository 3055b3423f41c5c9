import { SoraError } from "@sora/core/adapter";
import { describe, expect, test } from "vitest";
import { codeOf, storeFailure } from "./store-failure.ts";

const failure = (code: string, message = "as the test has it"): SoraError =>
  storeFailure("PostgreSQL sora on db", "look", Object.assign(new Error(message), { code }));

describe("storeFailure", () => {
  test.each([
    ["42501", false, /has not the rights/],
    ["28P01", false, /does not let the user in/],
    ["3D000", false, /no such database/],
    ["42P01", false, /not the schema/],
    ["25006", true, /takes no writes/],
    ["53100", true, /no room left/],
    ["53200", true, /memory or of locks/],
    ["53300", true, /no connection left/],
    ["57P01", true, /does not answer/],
    ["57P03", true, /does not answer/],
    ["08006", true, /does not answer/],
    ["40P01", true, /refused it/],
    ["57014", true, /refused it/],
    ["22P05", false, /refused it/],
    ["ECONNREFUSED", true, /does not answer/],
    ["ENOTFOUND", true, /does not answer/],
  ])("tells of %s what it is, and whether asking again can help", (code, retryable, says) => {
    const error = failure(code);
    expect(error).toMatchObject({ code: "SORA_STORE_UNAVAILABLE", retryable, details: { code } });
    expect(error.message).toMatch(says);
    expect(error.message).toContain("Cannot look: PostgreSQL sora on db ");
  });

  test("shows no credentials that a message holds", () => {
    expect(failure("ECONNREFUSED", "connect postgres://me:hidden@db/x").message).not.toContain("hidden");
  });

  test("says what happened on each address of a host", () => {
    const error = storeFailure(
      "PostgreSQL",
      "look",
      new AggregateError([new Error("connect ECONNREFUSED ::1:5432"), new Error("connect ECONNREFUSED 127.0.0.1:5432")]),
    );
    expect(error.message).toContain("::1:5432; connect ECONNREFUSED 127.0.0.1:5432");
  });

  test("passes on what is a SoraError already", () => {
    const error = new SoraError("SORA_STORE_SCHEMA", "newer");
    expect(storeFailure("PostgreSQL", "look", error)).toBe(error);
  });
});

describe("codeOf", () => {
  test("finds the code that a library has wrapped or quoted", () => {
    const inside = Object.assign(new Error("no schema"), { code: "3F000" });
    expect(codeOf(new Error("Failed query", { cause: new Error("again", { cause: inside }) }))).toBe("3F000");
    expect(codeOf(Object.assign(new Error("Raw query failed. Code: `3F000`. Message: `…`"), { code: "P2010" }))).toBe("3F000");
    expect(codeOf(new Error("nothing"))).toBeUndefined();
    expect(codeOf("text")).toBeUndefined();
  });
});
