import { SoraError } from "@sora/core";
import { describe, expect, test } from "vitest";
import { problemReply } from "./http-problem.ts";
import { toProblem } from "./to-problem.ts";

const subject = { service: "Math", action: "add", correlationId: "c1" };
const hostile = new Proxy(function () {}, {
  get: () => {
    throw new Error("trap");
  },
  getPrototypeOf: () => {
    throw new Error("trap");
  },
  has: () => {
    throw new Error("trap");
  },
});

describe("toProblem", () => {
  test.each([
    ["SORA_SERVICE_UNKNOWN", 404],
    ["SORA_ACTION_UNKNOWN", 404],
    ["SORA_PARAMETERS_INVALID", 400],
    ["SORA_COMMAND_UNSUPPORTED", 409],
    ["SORA_SERVICE_DISABLED", 409],
    ["SORA_SERVICE_STILL_RUNNING", 409],
    ["SORA_SERVICE_UNAVAILABLE", 503],
    ["SORA_OVERLOADED", 503],
    ["SORA_ACTION_TIMEOUT", 504],
    ["SORA_ACTION_CANCELLED", 499],
    ["SORA_RESULT_NOT_SERIALIZABLE", 500],
    ["SORA_STARTUP_FAILED", 500],
  ] as const)("gives %s the status %d, its fix and whether to retry", (code, status) => {
    const error = new SoraError(code, "why", { details: { service: "Math", action: "add" } });
    const problem = toProblem(error, subject);
    expect(problem).toMatchObject({ status, code, message: "why", extra: { fix: error.fix, retryable: error.retryable, correlationId: "c1" } });
    expect(problem.headers?.["retry-after"]).toBe(status === 503 ? "1" : undefined);
  });

  test("asks for another try by Retry-After only where one can help", () => {
    const refused = new SoraError("SORA_STORE_UNAVAILABLE", "why", { retryable: false });
    const problem = toProblem(refused);
    expect([problem.status, problem.extra.retryable, problem.headers]).toEqual([503, false, undefined]);
  });

  test("does not blame the caller for what the action itself has called wrongly", () => {
    const elsewhere = (code: "SORA_PARAMETERS_INVALID" | "SORA_SERVICE_UNKNOWN" | "SORA_ACTION_UNKNOWN", details: object): number =>
      toProblem(new SoraError(code, "no", { details: details as Record<string, unknown> }), subject).status;
    expect(elsewhere("SORA_PARAMETERS_INVALID", { service: "Math", action: "other" })).toBe(500);
    expect(elsewhere("SORA_PARAMETERS_INVALID", { service: "Other", action: "add" })).toBe(500);
    expect(elsewhere("SORA_SERVICE_UNKNOWN", { service: "Other" })).toBe(500);
    expect(elsewhere("SORA_ACTION_UNKNOWN", { service: "Math", action: "add" })).toBe(404);
  });

  test("shows an action's own error by its message alone, with what looks secret taken out", () => {
    const problem = toProblem(new Error("cannot reach postgres://user:hunter2@db/x; password=hunter3"), subject);
    expect(problem).toMatchObject({ status: 500, code: "SORA_ACTION_FAILED" });
    expect(JSON.stringify(problemReply(problem))).not.toMatch(/hunter|\.ts:|stack/);
  });

  test("shows nothing of an error of its own", () => {
    expect(JSON.stringify(problemReply(toProblem(new TypeError("secret internals"))))).not.toContain("secret");
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a text", "why"],
    ["a number", 7],
    ["a symbol", Symbol("x")],
    ["a hostile Proxy", hostile],
    [
      "an error whose message throws",
      Object.defineProperty(new Error(), "message", {
        get: () => {
          throw new Error("no");
        },
      }),
    ],
    ["an error whose message is no text", Object.assign(new Error(), { message: { a: 1 } })],
    [
      "our error with strange details",
      new SoraError("SORA_PARAMETERS_INVALID", "no", {
        details: { issues: [null, 5, { path: "x", message: Symbol("s") }], nearest: {}, known: [1], service: "Math", action: "add" },
      }),
    ],
    ["our error of another copy without details", { [Symbol.for("sora.error")]: true, code: "SORA_OVERLOADED", message: "x" }],
    ["an error of 1 MB", new Error("x".repeat(1_000_000))],
  ])("makes a document of %s too", (_, thrown) => {
    const reply = problemReply(toProblem(thrown, subject));
    expect(reply.status).toBeGreaterThanOrEqual(400);
    const text = JSON.stringify(reply.kind === "json" && reply.body);
    expect(text.length).toBeLessThan(5_000);
    expect(JSON.parse(text)).toMatchObject({ code: expect.stringMatching(/^SORA_/), detail: expect.any(String) });
  });

  test("points at what a schema refused", () => {
    const error = new SoraError("SORA_PARAMETERS_INVALID", "no", {
      details: { service: "Math", action: "add", issues: [{ path: ["items", 2, "a/b~c"], message: "expected a string" }] },
    });
    expect(toProblem(error, subject).extra.errors).toEqual([{ pointer: "/items/2/a~1b~0c", message: "expected a string" }]);
  });
});
