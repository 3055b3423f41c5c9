import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { timeZone } from "./time-zone.ts";

const hour = 3_600_000;
const utc = (date: string): number => Date.parse(`${date}Z`);

describe("timeZone", () => {
  test.each([
    ["UTC", "2026-07-01T00:00", 0],
    ["Etc/UTC", "2026-07-01T00:00", 0],
    ["Europe/Berlin", "2026-03-29T00:59:59.999", 1],
    ["Europe/Berlin", "2026-03-29T01:00", 2],
    ["America/St_Johns", "2026-01-01T00:00", -3.5],
    ["Asia/Kathmandu", "1985-12-31T18:29:59", 5.5],
    ["Asia/Kathmandu", "1985-12-31T18:30", 5.75],
    ["Pacific/Kiritimati", "2026-01-01T00:00", 14],
    ["+02:00", "2026-01-01T00:00", 2],
    ["Europe/Paris", "1900-01-01T00:00", 561 / 3_600],
  ])("knows that %s is at %s UTC ahead by %d hours", (name, instant, ahead) => {
    expect(timeZone(name).offsetAt(utc(instant))).toBe(ahead * hour);
  });

  test.each(["Mars/X", "", "Europe/Berln", "Berlin time", "constructor"])("refuses %j by name", name => {
    expect(() => timeZone(name)).toThrow(expect.toSatisfy(error => SoraError.is(error, "SORA_TIME_ZONE_INVALID") && error.message.includes(`"${name}"`)));
  });

  test.each([undefined, null, 2])("refuses %j, which is not a name", name => {
    expect(() => timeZone(name as unknown as string)).toThrow(expect.toSatisfy(error => SoraError.is(error, "SORA_TIME_ZONE_INVALID")));
  });
});

describe("occurrenceOf", () => {
  const berlin = timeZone("Europe/Berlin");

  test("gives the one instant of a usual local time", () => {
    expect(berlin.occurrenceOf(utc("2026-07-01T12:00"))).toEqual({ kind: "once", at: utc("2026-07-01T10:00") });
    expect(timeZone("UTC").occurrenceOf(5)).toEqual({ kind: "once", at: 5 });
  });

  test("gives both instants of a time that comes twice, and when the clock is turned back; its ends come once", () => {
    expect(berlin.occurrenceOf(utc("2026-10-25T02:30"))).toEqual({
      kind: "twice",
      first: utc("2026-10-25T00:30"),
      second: utc("2026-10-25T01:30"),
      turnedBackAt: utc("2026-10-25T01:00"),
    });
    expect(berlin.occurrenceOf(utc("2026-10-25T02:00")).kind).toBe("twice");
    expect(berlin.occurrenceOf(utc("2026-10-25T01:59:59.999"))).toEqual({ kind: "once", at: utc("2026-10-24T23:59:59.999") });
    expect(berlin.occurrenceOf(utc("2026-10-25T03:00"))).toEqual({ kind: "once", at: utc("2026-10-25T02:00") });
  });

  test("gives when the clock is turned forward over a time that never comes; its ends come once", () => {
    expect(berlin.occurrenceOf(utc("2026-03-29T02:00"))).toEqual({ kind: "never", turnedForwardAt: utc("2026-03-29T01:00") });
    expect(berlin.occurrenceOf(utc("2026-03-29T02:59:59.999"))).toEqual({ kind: "never", turnedForwardAt: utc("2026-03-29T01:00") });
    expect(berlin.occurrenceOf(utc("2026-03-29T01:59:59.999"))).toEqual({ kind: "once", at: utc("2026-03-29T00:59:59.999") });
    expect(berlin.occurrenceOf(utc("2026-03-29T03:00"))).toEqual({ kind: "once", at: utc("2026-03-29T01:00") });
  });

  test("knows half-hour changes, and a whole day that a zone left out", () => {
    expect(timeZone("Australia/Lord_Howe").occurrenceOf(utc("2026-10-04T02:15")).kind).toBe("never");
    expect(timeZone("Australia/Lord_Howe").occurrenceOf(utc("2026-10-04T02:30")).kind).toBe("once");
    expect(timeZone("Pacific/Apia").occurrenceOf(utc("2011-12-30T12:00"))).toEqual({ kind: "never", turnedForwardAt: utc("2011-12-30T10:00") });
  });
});
