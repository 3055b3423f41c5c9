import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { toLoggable } from "./loggable-value.ts";
import { formatTextLine } from "./text-line.ts";
import type { LogRecord } from "./text-line.ts";

// In local time, as the line is, so that the expected text holds in every time zone.
const time = new Date(2026, 0, 2, 12, 3, 4, 512).toISOString();
const record = (fields: Partial<LogRecord>): LogRecord => ({ time, level: "info", msg: "Starting translation", ...fields });
const error = (value: Error): unknown => JSON.parse(JSON.stringify(toLoggable("error", value, (_key, each) => each)));

describe("formatTextLine", () => {
  test("writes time, level, service, message and fields on one line", () => {
    expect(formatTextLine(record({ service: "TranslationService", fileId: "f1", to: "pt-BR" }), false)).toBe(
      "12:03:04.512 info  TranslationService  Starting translation  fileId=f1 to=pt-BR\n",
    );
  });

  test("leaves out the service and the fields that are not there", () => {
    expect(formatTextLine(record({ level: "error" }), false)).toBe("12:03:04.512 error Starting translation\n");
  });

  test("quotes text that would be ambiguous, and writes objects as JSON", () => {
    const line = formatTextLine(record({ a: "two words", b: "", c: 'x="y"', d: { e: [1] }, f: null, g: false }), false);
    expect(line).toContain(String.raw`a="two words" b="" c="x=\"y\"" d={"e":[1]} f=null g=false`);
  });

  test("lets no message, key or value start a line or drive a terminal", () => {
    const evil = "x\n12:03:04.512 info  Bank  paid\u001b[2J\u202e";
    const line = formatTextLine(record({ service: evil, msg: evil, [evil]: evil, error: error(new Error(evil)) }), false);
    const lines = line.split("\n");
    expect(lines.filter(each => /^\d\d:/.test(each))).toHaveLength(1);
    expect(line.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });

  test("goes on below with a message, or an error's, of several lines, indented", () => {
    const line = formatTextLine(record({ msg: "Two things:\n  1. this\r\n  2. that", error: error(new TypeError("one\nother")), n: 1 }), false);
    expect(line.split("\n").slice(0, 5)).toEqual([
      "12:03:04.512 info  Two things:  n=1",
      "      1. this",
      "      2. that",
      "    error: TypeError: one",
      "      other",
    ]);
  });

  test("writes an error below its line with code, fix, indented stack and cause", () => {
    const failure = new SoraError("SORA_OVERLOADED", "Too much.", { details: { waiting: 3 }, cause: new TypeError("root") });
    const lines = formatTextLine(record({ error: error(failure), fileId: "f1" }), false)
      .trimEnd()
      .split("\n");
    expect(lines[0]).toBe("12:03:04.512 info  Starting translation  fileId=f1");
    expect(lines[1]).toBe("    error: SoraError SORA_OVERLOADED: Too much.");
    expect(lines[2]).toBe(`      fix: ${failure.fix}`);
    expect(lines[3]).toBe('      details: {"waiting":3}');
    expect(lines[4]).toMatch(/^ {6}at .*text-line\.test\.ts/);
    expect(lines).toContain("      caused by: TypeError: root");
    expect(lines.slice(1).every(line => line.startsWith("    "))).toBe(true);
  });

  test("writes causes and inner errors that are no errors", () => {
    const line = formatTextLine(record({ error: error(new AggregateError(["plain"], "several", { cause: "because" })) }), false);
    expect(line).toContain("      caused by: because\n");
    expect(line).toContain("      one of: plain\n");
  });

  test("adds colour and nothing else when asked", () => {
    const full = record({ service: "S", a: 1, error: error(new Error("no")) });
    const coloured = formatTextLine(full, true);
    expect(coloured).toContain("\u001b[");
    expect(stripVTControlCharacters(coloured)).toBe(formatTextLine(full, false));
  });
});
