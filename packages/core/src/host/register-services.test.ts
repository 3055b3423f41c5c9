import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { systemClock } from "../time/system-clock.ts";
import { registerServices } from "./register-services.ts";
import { ServiceRegistry } from "./service-registry.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { ServiceSource } from "./host-options.ts";

/** Registers, and gives back the names registered and the problems found. */
function register(...sources: unknown[]): { readonly names: string[]; readonly problems: unknown } {
  const registry = new ServiceRegistry();
  const host = { registry, clock: systemClock, nameOf: (one: { name: string }) => one.name } as unknown as HostKernel;
  let problems: unknown = [];
  try {
    registerServices(host, sources as ServiceSource[]);
  } catch (error) {
    problems = (error as { details: { problems: { service: string; problem: string }[] } }).details.problems.map(
      ({ service, problem }) => `${service}: ${problem}`,
    );
  }
  return { names: Array.from(registry, ({ name }) => name), problems };
}

const orders = defineService("Orders");
const stock = defineService("Stock");
const sameName = "another service has this name; give one of them another by its `name` option";

describe("registerServices", () => {
  test("takes a service that is listed twice once, and says nothing", () => {
    expect(register(orders, stock, orders, orders)).toEqual({ names: ["Orders", "Stock"], problems: [] });
  });

  test("refuses a second service of the same name, whatever its case, once however often it is listed", () => {
    const others = [defineService("Orders"), defineService("ORDERS")];
    expect(register(orders, ...others, ...others)).toEqual({ names: ["Orders"], problems: [`Orders: ${sameName}`, `ORDERS: ${sameName}`] });
  });

  test("tells of each definition's problems once", () => {
    const bad = defineService("Bad", { every: "0s" as never, execute: () => {} });
    const { names, problems } = register(bad, bad, stock);
    expect(names).toEqual(["Bad", "Stock"]);
    expect(problems).toEqual([expect.stringMatching(/^Bad: every is/)]);
  });
});
