import { SoraError } from "@sora/core";
import { describe, expect, test } from "vitest";
import { plain } from "../output/paint.ts";
import { printStartError, startErrorDocument } from "./start-error.ts";

describe("printStartError", () => {
  test("is a line for one problem", () => {
    expect(
      printStartError(new SoraError("SORA_CONFIGURATION_INVALID", "Cannot listen on 127.0.0.1:1: the port is taken.", { fix: "Take another." }), plain, false),
    ).toBe("sora: Cannot listen on 127.0.0.1:1: the port is taken. Take another. [SORA_CONFIGURATION_INVALID]\n");
    expect(printStartError(new Error("boom"), plain, false)).toBe("sora: boom. `--debug` shows where.\n");
    expect(printStartError(undefined, plain, false)).toBe("sora: undefined. `--debug` shows where.\n");
  });

  test("is a line more for each of several problems", () => {
    expect(
      printStartError(
        new SoraError("SORA_DEFINITION_INVALID", "Cannot use 2 definitions:\n  - A: no\n  - B: \u001B[2Jno", { fix: "Correct them." }),
        plain,
        false,
      ),
    ).toBe("sora: Cannot use 2 definitions: Correct them. [SORA_DEFINITION_INVALID]\n  - A: no\n  - B: \\u001b[2Jno\n");
  });

  test("shows the stack only for --debug", () => {
    expect(printStartError(new Error("boom"), plain, false)).not.toContain("    at ");
    expect(printStartError(new Error("boom"), plain, true)).toMatch(/\n {4}at /);
  });
});

test("startErrorDocument tells code, message and fix", () => {
  expect(startErrorDocument(new SoraError("SORA_DEFINITION_INVALID", "Cannot use 1 definition:\n  - A: no", { fix: "Correct it." }))).toEqual({
    error: { code: "SORA_DEFINITION_INVALID", message: "Cannot use 1 definition:\n  - A: no", fix: "Correct it." },
  });
  expect(startErrorDocument(new Error("boom"))).toEqual({ error: { code: "SORA_CLI_FAILED", message: "boom", fix: "`--debug` shows where." } });
});
