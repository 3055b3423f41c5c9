import { expect, test } from "vitest";
import { Clock, Configuration, defineService, inject, Logger, SoraBackgroundServiceBase, token } from "../index.ts";
import { createTestHost } from "../testing/index.ts";

const Greeting = token<string>("Greeting");

class Journal {
  readonly clock = inject(Clock);
  readonly logger = inject(Logger);
}

class Reader extends SoraBackgroundServiceBase {
  readonly journal = inject(Journal);
  override execute(): void {
    this.journal.logger.info(`${this.journal.clock.now()}`);
  }
}

test("Clock, Configuration and Logger are the host's own, in services, provided classes and factories", async () => {
  await using host = await createTestHost({
    services: [Reader, defineService("Empty", {})],
    configuration: { Studio: { Greeting: "olá" } },
    provide: [[Greeting, scope => scope.get(Configuration).get("Studio:Greeting")], Journal],
  });
  expect(host.get(Clock)).toBe(host.clock);
  expect(host.get(Greeting)).toBe("olá");
  expect(host.logs.map(line => line.message)).toContain(String(Date.UTC(2026, 0, 1)));
});
