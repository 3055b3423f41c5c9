import { expect, test } from "vitest";
import { seededChance } from "../time/chance.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import type { StoreSurroundings } from "./store/durable-store.ts";

test("a store is lent its host's clock, logger and chance", async () => {
  const lent: StoreSurroundings[] = [];
  const memory = createMemoryStore();
  const store = new Proxy(memory, {
    get(target, name) {
      if (name === "open") return (surroundings: StoreSurroundings) => (lent.push(surroundings), target.open(surroundings));
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const chance = seededChance(7);
  await using host = await createTestHost({ services: [], store, chance });
  expect(lent).toEqual([{ clock: host.clock, logger: expect.anything() as unknown, chance }]);
  expect(lent[0]?.chance).toBe(chance);
});
