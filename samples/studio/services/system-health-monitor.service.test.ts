import { expect, test } from "vitest";
import { MachineLoad } from "../src/machine-load.ts";
import { SystemHealthMonitor } from "./system-health-monitor.service.ts";
import { TestStudio } from "./test-studio.ts";

test("SystemHealthMonitor warns every five minutes while a threshold is passed, and shows it in its health", async () => {
  const load = { cpuPercent: 20, memoryPercent: 40 };
  await using studio = await TestStudio.start({ services: [SystemHealthMonitor], provide: [[MachineLoad, { read: () => load }]] });
  const { host } = studio;
  await host.clock.advance("5m");
  expect(host.logs.at(-1)).toMatchObject({ level: "info", message: "Processors 20 % busy, memory 40 % full" });

  load.cpuPercent = 81;
  await host.clock.advance("5m");
  expect(host.logs.at(-1)).toMatchObject({ level: "warn", message: "Processors 81 % busy, memory 40 % full" });
  expect(await host.services(SystemHealthMonitor).query().getHealth()).toMatchObject({ status: "degraded", critical: false, data: { cpuPercent: 81 } });
  expect(await host.ready()).toMatchObject({ ready: true });
});
