import { expect, test } from "vitest";
import { inject, ServiceAction, SoraBackgroundService, SoraFluentServiceBase } from "../index.ts";
import { createTestHost } from "../testing/index.ts";

test("createInstance gives a scoped service what is scoped, for each call anew and once for the instance that lasts", async () => {
  const open = new Set<Session>();
  class Session {
    constructor() {
      open.add(this);
    }
    dispose(): void {
      open.delete(this);
    }
  }
  @SoraBackgroundService({ lifetime: "scoped" })
  class Orders extends SoraFluentServiceBase {
    readonly session = inject(Session);
    @ServiceAction("place")
    async place(): Promise<number> {
      return open.size;
    }
  }
  const host = await createTestHost({ services: [Orders], provide: [[Session, Session, { lifetime: "scoped" }]] });

  expect(open.size).toBe(1);
  expect(await host.services(Orders).do("place").execute()).toBe(2);
  expect(open.size).toBe(1);

  await host.restartService(Orders);
  expect(open.size).toBe(1);

  await host.stop();
  expect(open.size).toBe(0);
});

test("createInstance makes a service once where `provide` says how", async () => {
  let made = 0;
  class Greeter extends SoraFluentServiceBase {
    readonly greeting: string;
    constructor(greeting: string) {
      super();
      this.greeting = greeting;
      made++;
    }
    async greet(): Promise<string> {
      return this.greeting;
    }
  }
  ServiceAction("greet")(Greeter, "greet");
  await using host = await createTestHost({ services: [Greeter], provide: [[Greeter, () => new Greeter("hello")]] });

  expect(await host.services(Greeter).do("greet").execute()).toBe("hello");
  expect(made).toBe(1);
});
