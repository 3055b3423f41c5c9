import { expectTypeOf } from "vitest";
import type { Duration } from "./duration.ts";

expectTypeOf<1500>().toExtend<Duration>();
expectTypeOf<"250ms">().toExtend<Duration>();
expectTypeOf<"30s">().toExtend<Duration>();
expectTypeOf<"5m">().toExtend<Duration>();
expectTypeOf<"1.5h">().toExtend<Duration>();
expectTypeOf<"7d">().toExtend<Duration>();
expectTypeOf<string>().not.toExtend<Duration>();

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
// @ts-expect-error no number
export const nothing: Duration = "ms";
