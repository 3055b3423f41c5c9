import { expect, test } from "vitest";
import { CliError } from "../cli-error.ts";
import { errorDocument, errorLine, toCliError } from "./error-line.ts";
import { plain } from "./paint.ts";

test("errorLine is one line of cause, next step and the service's code, whatever the texts hold", () => {
  const error = new CliError("SORA_SERVICE_UNKNOWN", "There is no\nservice \u001B[31mX", { fix: "Look\r\nelsewhere." });
  expect(errorLine(error, plain)).toBe("sora: There is no service \\u001b[31mX. Look elsewhere. [SORA_SERVICE_UNKNOWN]\n");
  expect(errorLine(new CliError("SORA_CLI_USAGE", "Is that so?"), plain)).toBe("sora: Is that so?\n");
});

test("errorDocument has the code, the message, the fix and the facts", () => {
  expect(errorDocument(new CliError("SORA_X", "no", { fix: "yes", details: { status: 404 } }))).toEqual({
    error: { code: "SORA_X", message: "no", fix: "yes", status: 404 },
  });
});

test.each([
  [new Error("boom"), "boom"],
  [undefined, "undefined"],
  ["text", "text"],
  [new Error(""), "Error"],
])("toCliError takes whatever was thrown: %s", (thrown, message) => {
  expect(toCliError(thrown)).toMatchObject({ code: "SORA_CLI_FAILED", status: 1, message });
});

test("CliError has the exit status of bad usage only where the usage was bad", () => {
  expect(
    [new CliError("SORA_CLI_USAGE", ""), new CliError("SORA_CLI_JSON_INVALID", ""), new CliError("SORA_CLI_UNREACHABLE", ""), new CliError("SORA_X", "")].map(
      ({ status }) => status,
    ),
  ).toEqual([2, 2, 1, 1]);
});
