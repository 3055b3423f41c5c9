import { expectTypeOf } from "vitest";
import type { Duration } from "./duration.ts";

expectTypeOf<1500>().toExtend<Duration>();
expectTypeOf<"250ms">().toExtend<Duration>();
expectTypeOf<"30s">().toExtend<Duration>();
expectTypeOf<"5m">().toExtend<Duration>();
expectTypeOf<"1.5h">().toExtend<Duration>();
expectTypeOf<"7d">().toExtend<Duration>();
expectTypeOf<string>().not.toExtend<Duration>();

expectTypeOf<"0.25s">().toExtend<Duration>();
expectTypeOf<"1.05h">().toExtend<Duration>();
expectTypeOf<`${bigint}s`>().toExtend<Duration>();

// @ts-expect-error a unit Sora does not have
export const fortnights: Duration = "5 fortnights";
// @ts-expect-error the unit is h
export const hour: Duration = "1hour";
// @ts-expect-error no unit: milliseconds are a number
export const bare: Duration = "10";
// @ts-expect-error units are lower case
export const upper: Duration = "1H";
// @ts-expect-error one number, one unit
export const two: Duration = "1h30m";
// @ts-expect-error a space before the unit
export const spaced: Duration = "5 s";
// @ts-expect-error a space before the number
export const indented: Duration = " 5s";
// @ts-expect-error written as no duration is
export const exponent: Duration = "1e3s";
// @ts-expect-error a decimal number begins with a digit
export const bareFraction: Duration = ".5s";
// @ts-expect-error no number
export const nothing: Duration = "ms";
