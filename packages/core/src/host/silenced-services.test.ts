import { expect, test } from "vitest";
import { addSora, defineService } from "../index.ts";
import { createMemoryLogger } from "../testing/index.ts";

test("SoraHost says which services the environment silences", async () => {
  const logger = createMemoryLogger();
  await using host = addSora({ services: [defineService("Mail", {}), defineService("Probe", { runInTesting: true })], environment: "Testing", logger, watchConfiguration: false });
  await host.start();
  expect(logger.lines.filter(line => line.level === "warn").map(line => line.message)).toEqual(["1 of 3 services do not run in Testing: Mail"]);
});
