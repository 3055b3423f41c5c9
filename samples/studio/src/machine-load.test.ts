import { expect, test } from "vitest";
import { cpuPercentBetween, MachineLoad } from "./machine-load.ts";

test("cpuPercentBetween is the busy share of the time that passed", () => {
  expect(cpuPercentBetween({ busy: 100, total: 1_000 }, { busy: 400, total: 1_400 })).toBe(75);
  expect(cpuPercentBetween({ busy: 100, total: 1_000 }, { busy: 100, total: 1_000 })).toBe(0);
});

test("MachineLoad reads percentages", () => {
  const { cpuPercent, memoryPercent } = new MachineLoad().read();
  for (const percent of [cpuPercent, memoryPercent]) {
    expect(percent).toBeGreaterThanOrEqual(0);
    expect(percent).toBeLessThanOrEqual(100);
  }
});
