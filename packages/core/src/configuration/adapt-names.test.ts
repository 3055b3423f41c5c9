import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { adaptNames } from "./adapt-names.ts";

const frozen = <T>(value: T): T => {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
};
const written = frozen({ MaxSize: 5, Limits: { CpuPercent: 80, Names: { DE: "x" } }, Ends: [{ Url: "a" }], other: 1 });
const adapted = { maxSize: 5, limits: { cpuPercent: 80, names: { DE: "x" } }, ends: [{ url: "a" }], other: 1 };

describe("adaptNames", () => {
  test.each([
    [
      "zod",
      z.object({
        maxSize: z.number().default(1),
        limits: z.object({ cpuPercent: z.number(), names: z.record(z.string(), z.string()) }),
        ends: z.array(z.object({ url: z.string() })),
      }),
    ],
    [
      "zod, strict",
      z.strictObject({
        maxSize: z.number(),
        limits: z.strictObject({ cpuPercent: z.number(), names: z.record(z.string(), z.string()) }),
        ends: z.array(z.strictObject({ url: z.string() })),
        other: z.number(),
      }),
    ],
    [
      "valibot",
      v.object({
        maxSize: v.optional(v.number(), 1),
        limits: v.object({ cpuPercent: v.number(), names: v.record(v.string(), v.string()) }),
        ends: v.array(v.object({ url: v.string() })),
      }),
    ],
    ["arktype", type({ "maxSize?": "number", limits: { cpuPercent: "number", names: "Record<string, string>" }, ends: type({ url: "string" }).array() })],
  ])("gives a schema of %s the names it reads, and leaves the others", async (_library, schema) => {
    const settings = await adaptNames(schema, written);
    expect(settings).toEqual(adapted);
    const result = await schema["~standard"].validate(settings);
    expect(result).toMatchObject({ value: { maxSize: 5, limits: { cpuPercent: 80 } } });
  });

  test("leaves names alone where the schema reads them as written", async () => {
    const schema = z.object({ MaxSize: z.number() });
    expect(await adaptNames(schema, written)).toBe(written);
  });

  test("asks a schema that only resolves later, and survives one that throws", async () => {
    const later = z.object({ maxSize: z.number().refine(async () => Promise.resolve(true)) });
    expect(await adaptNames(later, frozen({ MAXSIZE: 1 }))).toEqual({ maxSize: 1 });
    const broken = z.object({ maxSize: z.number() }).refine(() => {
      throw new Error("no");
    });
    expect(await adaptNames(broken, frozen({ MAXSIZE: 1 }))).toEqual({ maxSize: 1 });
  });

  test("does not run the schema where there is nothing to name", async () => {
    const empty = frozen({});
    const schema = z.unknown().refine(() => {
      throw new Error("ran");
    });
    expect(await adaptNames(schema, empty)).toBe(empty);
  });
});
