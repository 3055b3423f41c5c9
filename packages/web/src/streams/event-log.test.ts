import { describe, expect, test } from "vitest";
import { EventLog } from "./event-log.ts";

function filled(count: number, limits = { entries: 4, bytes: 1_000 }): EventLog {
  const log = new EventLog("abc", limits);
  for (let i = 1; i <= count; i++) log.append("S", undefined, String(i));
  return log;
}

const kept = (log: EventLog): string[] => {
  const frames: string[] = [];
  for (let number = log.first; number < log.next; number++) frames.push(/data: (.*)\n/.exec(log.at(number)?.frame ?? "")?.[1] ?? "nothing");
  return frames;
};

describe("EventLog", () => {
  test("numbers events and writes each as one server-sent event", () => {
    const log = filled(1);
    log.append("Other", "sora.state", "{}");
    expect(log.at(1)).toEqual({ service: "S", frame: "id: abc.1\ndata: 1\n\n", size: 19 });
    expect(log.at(2)?.frame).toBe("id: abc.2\nevent: sora.state\ndata: {}\n\n");
    expect(log.at(0)).toBeUndefined();
    expect(log.at(3)).toBeUndefined();
  });

  test("keeps the latest of its limit in number, whatever came before", () => {
    for (const count of [0, 1, 3, 4, 5, 8, 9, 1_000]) {
      const all = Array.from({ length: count }, (_, i) => String(i + 1));
      expect(kept(filled(count))).toEqual(all.slice(-4));
    }
  });

  test("keeps no more bytes than its limit, but always the latest event", () => {
    const log = new EventLog("abc", { entries: 100, bytes: 300 });
    for (let i = 0; i < 50; i++) {
      log.append("S", undefined, "x".repeat(80));
      let bytes = 0;
      for (let number = log.first; number < log.next; number++) bytes += log.at(number)?.size ?? 0;
      expect(bytes).toBeLessThanOrEqual(300);
      expect(log.next - log.first).toBe(Math.min(i + 1, 3)); // of 97 bytes
    }
    log.append("S", undefined, "€".repeat(500));
    expect(kept(log)).toEqual(["€".repeat(500)]);
    log.append("S", undefined, "small");
    expect(kept(log)).toEqual(["small"]);
  });

  test("goes on after the event of an id, and at the end without one", () => {
    const log = filled(6); // keeps 3 to 6
    expect(log.resume(undefined)).toEqual({ from: 7 });
    expect(log.resume("")).toEqual({ from: 7 });
    expect(log.resume("abc.6")).toEqual({ from: 7 });
    expect(log.resume("abc.4")).toEqual({ from: 5 });
    expect(log.resume("abc.2")).toEqual({ from: 3 });
    expect(filled(0).resume("abc.0")).toEqual({ from: 1 });
  });

  test("tells a client that misses events so: expired where they are no longer kept, restarted where the id is none of its own", () => {
    const log = filled(6);
    expect(log.resume("abc.1")).toEqual({ from: 3, missed: "expired" });
    expect(log.resume("abc.0")).toEqual({ from: 3, missed: "expired" });
    for (const foreign of [
      "abd.5",
      "abc.7",
      "abc.99999999999999999999",
      "abc.-1",
      "abc.1e0",
      "abc.05",
      "abc.",
      "abc",
      ".",
      ".3",
      "6",
      "x.abc.3",
      "\0",
      "💥".repeat(5_000),
    ]) {
      expect([foreign, log.resume(foreign)]).toEqual([foreign, { from: 3, missed: "restarted" }]);
    }
  });
});
