import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileCron } from "./cron.ts";

/*
 * What compileCron says is compared with a walk over every minute around each change of the clock: local times are read
 * from Intl one by one, and the fields matched naively. Nothing here is shared with the code under test.
 */

const nightly = process.env["SORA_NIGHTLY"] === "1";
const timeout = nightly ? 3_600_000 : 60_000;
const minute = 60_000;
const day = 86_400_000;

const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe", // half an hour
  "America/Sao_Paulo", // at midnight, until 2019
  "Asia/Kathmandu", // a quarter of an hour, once, in 1986
  "Pacific/Apia", // a whole day, in 2011
  "Africa/Casablanca", // back for Ramadan
  "America/Nuuk", // forward over midnight
  "Antarctica/Troll", // two hours
  "America/St_Johns", // at one minute past midnight, until 2011
] as const;
const years = [1986, 2010, 2011, 2018, 2024, 2026];

interface Change {
  readonly zone: string;
  readonly at: number;
}

/** Each instant at which a zone's clock is changed, in the years above. */
function changesOf(zone: string): Change[] {
  const local = localReader(zone);
  const changes: Change[] = [];
  for (const year of years) {
    for (let from = Date.UTC(year, 0, 1) - day; from < Date.UTC(year + 1, 0, 1); from += day) {
      if (local(from + day) - local(from) === day) continue;
      let at = from;
      while (local(at + minute) - local(at) === minute) at += minute;
      changes.push({ zone, at: at + minute });
    }
  }
  return changes;
}

function localReader(zone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  return instant => {
    const [, d, m, y, h, min, s] = /^(\d\d)\/(\d\d)\/(\d{4}), (\d\d):(\d\d):(\d\d)$/.exec(format.format(instant)) as unknown as string[];
    return Date.UTC(Number(y), Number(m) - 1, Number(d), Number(h), Number(min), Number(s));
  };
}

function matches(expression: string, local: number): boolean {
  const [minutes, hours, days, months, weekdays] = expression.split(" ") as [string, string, string, string, string];
  const date = new Date(local);
  const has = (field: string, value: number): boolean =>
    field.split(",").some(item => {
      const [span, step = "1"] = item.split("/") as [string, string?];
      if (span === "*") return value % Number(step) === 0;
      const [low, high = low] = span.split("-").map(Number) as [number, number?];
      return value >= low && value <= high && (value - low) % Number(step) === 0;
    });
  const dayFits = has(days, date.getUTCDate());
  const weekdayFits = has(weekdays, date.getUTCDay());
  return (
    has(minutes, date.getUTCMinutes()) &&
    has(hours, date.getUTCHours()) &&
    has(months, date.getUTCMonth() + 1) &&
    (days !== "*" && weekdays !== "*" ? dayFits || weekdayFits : dayFits && weekdayFits)
  );
}

/** A change of the clock, and what every minute around it is called there. */
interface Walk extends Change {
  readonly from: number;
  readonly locals: readonly number[];
  /** By how many minutes the clock is turned; negative where it is turned back. */
  readonly by: number;
}

function walkOver(change: Change): Walk {
  const local = localReader(change.zone);
  const before = 27 * 60;
  const from = change.at - before * minute;
  const locals = Array.from({ length: 2 * before }, (_, i) => local(from + i * minute));
  return { ...change, from, locals, by: ((locals[before] as number) - (locals[before - 1] as number)) / minute - 1 };
}

function expected(walk: Walk, expression: string, follows: "times" | "beat"): number[] {
  const { from, locals } = walk;
  if (follows === "beat") return locals.flatMap((local, i) => (matches(expression, local) ? [from + i * minute] : []));
  const ticks = new Set<number>();
  for (let i = 1, passed = locals[0] as number; i < locals.length; i++) {
    // Each local time not passed before, also those jumped over, which all fall on the jump.
    for (; passed < (locals[i] as number); passed += minute) if (matches(expression, passed + minute)) ticks.add(from + i * minute);
  }
  return [...ticks];
}

function found(walk: Walk, expression: string, follows: "times" | "beat"): number[] {
  const schedule = compileCron(expression, walk.zone);
  expect(schedule.follows).toBe(follows);
  const ticks: number[] = [];
  const end = walk.from + walk.locals.length * minute;
  for (let at = schedule.next(follows === "times" ? walk.from : walk.from - 1); at !== undefined && at < end; at = schedule.next(at)) ticks.push(at);
  return ticks;
}

const all = zones.flatMap(zone => changesOf(zone)).map(walkOver);
// One change of each size in each zone, unless there is a night for it.
const walks = nightly ? all : all.filter((walk, i) => all.findIndex(other => other.zone === walk.zone && other.by === walk.by) === i);
const iso = (instants: number[]): string[] => instants.map(instant => new Date(instant).toISOString());

describe("compileCron around changes of the clock, beside a walk over the minutes", { timeout }, () => {
  test("the walks cover each kind of change", () => {
    expect(walks.map(walk => walk.by)).toEqual(expect.arrayContaining([60, -60, 30, -30, 120, -120, 15, 1_440]));
  });

  test.each<[string, "times" | "beat"]>([
    ["30 2 * * *", "times"],
    ["0 0 * * *", "times"],
    ["1 0 * * *", "times"],
    ["30 23 * * *", "times"],
    ["0,15,30,45 0,1,2,3,23 * * *", "times"],
    ["0-58 0-22 * * *", "times"],
    ["59 0,1,2,3 * * *", "times"],
    ["0 12 30 12 *", "times"],
    ["* * * * *", "beat"],
    ["*/15 * * * *", "beat"],
    ["*/7 * * * *", "beat"],
    ["0 * * * *", "beat"],
    ["30 */2 * * *", "beat"],
    ["* 2 * * *", "beat"],
    ["0-59 1-3 * * *", "beat"],
    ["15-45/10 0-3 * * *", "beat"],
  ])("%j, which follows %s", (expression, follows) => {
    for (const walk of walks) {
      expect(iso(found(walk, expression, follows)), `${walk.zone} ${new Date(walk.at).toISOString()}`).toEqual(iso(expected(walk, expression, follows)));
    }
  });

  test(`${nightly ? "2,000" : "40"} random expressions at a random change each`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...walks), expressions(["*", "1,30,31", "25-31/2"], ["*", "0", "5,6"]), (walk, expression) => {
        const follows = /[*/]/.test(expression.split(" ").slice(0, 2).join("")) ? "beat" : "times";
        expect(iso(found(walk, expression, follows))).toEqual(iso(expected(walk, expression, follows)));
      }),
      { numRuns: nightly ? 2_000 : 40 },
    );
  });

  test("six fields: every second around a change, in both directions", () => {
    const berlin = localReader("Europe/Berlin");
    for (const [expression, follows] of [
      ["*/20 * * * * *", "beat"],
      ["10,50 0,59 1,2,3 * * *", "times"],
    ] as const) {
      for (const at of ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"].map(date => Date.parse(date))) {
        const from = at - 3 * 3_600_000;
        const schedule = compileCron(expression, "Europe/Berlin");
        const ticks: number[] = [];
        for (let tick = schedule.next(from - 1); tick !== undefined && tick < at + 3 * 3_600_000; tick = schedule.next(tick)) ticks.push(tick);
        const [seconds, rest] = [expression.split(" ")[0] as string, expression.split(" ").slice(1).join(" ")];
        const fits = (local: number): boolean => matches(`${seconds} * * * *`, ((local / 1_000) % 60) * minute) && matches(rest, local);
        const named = new Set<number>();
        for (let instant = from; instant < at + 3 * 3_600_000; instant += 1_000) {
          const local = berlin(instant);
          if (fits(local) && (follows === "beat" || berlin(instant - 3_600_000) !== local)) named.add(instant);
          if (follows === "beat") continue;
          // What the clock jumped over, second by second, all falls on the jump.
          for (let skipped = berlin(instant - 1_000) + 1_000; skipped < local; skipped += 1_000) if (fits(skipped)) named.add(instant);
        }
        expect(iso(ticks)).toEqual(iso([...named]));
      }
    }
  });
});

const [expressionCount, chained] = nightly ? [3_000, 100] : [150, 20];

describe("compileCron in a chain", { timeout }, () => {
  test(`${expressionCount} random expressions × ${zones.length} zones, ${chained} chained: strictly increasing, and the same from wherever it is asked`, async () => {
    await fc.assert(
      fc.asyncProperty(
        expressions(["*", "*/5", "L", "15W", "1-7", "29", "31", "LW"], ["*", "MON-FRI", "FRI#2", "0,6", "SUNL", "*/2"]),
        fc.integer({ min: 0, max: 4e12 }),
        async (expression, start) => {
          await new Promise(resolve => setImmediate(resolve)); // what the engine keeps for a zone's calendar is given back between turns only
          const wrong: string[] = [];
          for (const zone of zones) {
            const schedule = compileCron(expression, zone);
            const leaping = compileCron(expression, zone); // is asked now and then, and never for the tick after its last
            let last = start;
            for (let i = 0; i < chained; i++) {
              const next = schedule.next(last) as number;
              if (!(next > last)) wrong.push(`${zone}: ${next} does not come after ${last}`);
              if (i % 10 === 0 && leaping.next(next - 1) !== next) wrong.push(`${zone}: ${next} is passed over from just before it`);
              last = next;
            }
          }
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: expressionCount },
    );
  });

  test(`10,000 chained, ${nightly ? "10 expressions × 11 zones" : "one expression in one zone"}: strictly increasing`, () => {
    const cases = nightly
      ? fc.sample(expressions(["*"]), 10).flatMap(expression => zones.map(zone => [expression, zone] as const))
      : [["*/20 1-3 * * *", "Europe/Berlin"] as const];
    for (const [expression, zone] of cases) {
      const schedule = compileCron(expression, zone);
      let last = Date.UTC(2026, 0, 1);
      for (let i = 0; i < 10_000; i++) {
        const next = schedule.next(last) as number;
        expect(next > last, `${expression} in ${zone} after ${last}`).toBe(true);
        last = next;
      }
    }
  });
});

/** Five fields, whose days are drawn from `days` and `weekdays`. */
function expressions(days: readonly string[], weekdays: readonly string[] = ["*"]): fc.Arbitrary<string> {
  const field = (high: number): fc.Arbitrary<string> => {
    const value = fc.integer({ min: 0, max: high });
    const range = fc.tuple(value, value).map<[number, number]>(([a, b]) => (a < b ? [a, b] : [b, a]));
    const step = fc.integer({ min: 1, max: Math.floor(high / 2) });
    // Short of the whole range, which would be a beat without showing it.
    const item = fc.oneof(
      value.map(String),
      range.filter(([a, b]) => b - a < high).map(([a, b]) => `${a}-${b}`),
    );
    return fc.oneof(
      fc.constant("*"),
      step.map(by => `*/${by}`),
      fc.tuple(range, step).map(([[a, b], by]) => `${a}-${b}/${by}`),
      fc
        .array(item, { minLength: 1, maxLength: 3 })
        .map(items => items.join(","))
        .filter(list => Array.from({ length: high + 1 }, (_, i) => i).some(i => !listed(list, i))),
    );
  };
  return fc.tuple(field(59), field(23), fc.constantFrom(...days), fc.constant("*"), fc.constantFrom(...weekdays)).map(fields => fields.join(" "));
}

function listed(list: string, value: number): boolean {
  return list.split(",").some(item => {
    const [low, high = low] = item.split("-").map(Number) as [number, number?];
    return value >= low && value <= high;
  });
}
