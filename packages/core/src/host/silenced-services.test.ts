import { expect, test } from "vitest";
import { addSora, defineService, HealthReport } from "../index.ts";
import { createMemoryLogger } from "../testing/index.ts";

test("SoraHost says which services the environment silences", async () => {
  const logger = createMemoryLogger();
  await using host = addSora({
    services: [defineService("Mail", {}), defineService("Probe", { runInTesting: true })],
    environment: "Testing",
    logger,
    watchConfiguration: false,
  });
  await host.start();
  expect(logger.lines.filter(line => line.level === "warn").map(line => line.message)).toEqual(["1 of 3 services do not run in Testing: Mail"]);
});

test("SoraHost warns of a name in dependsOn that nothing has", async () => {
  const logger = createMemoryLogger();
  await using host = addSora({
    services: [defineService("Mail", { dependsOn: ["Databse", "Disk"] }), defineService("Database", {})],
    contributors: [{ name: "Disk", check: () => HealthReport.healthy() }],
    environment: "Development",
    logger,
    watchConfiguration: false,
  });
  await host.start();
  expect(logger.lines.filter(line => line.level === "warn").map(line => line.message)).toEqual([
    'It depends on "Databse", which is neither a service nor a health contributor of this host; did you mean "Database"?',
  ]);
});
