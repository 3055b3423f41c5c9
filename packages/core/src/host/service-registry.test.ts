import { beforeEach, describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { definitionOf } from "../definition/definition-of.ts";
import { ServiceRegistry } from "./service-registry.ts";
import type { AnyServiceDefinition } from "../definition/service-definition.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";

class Reports {
  async execute(): Promise<void> {}
}

const orders = defineService("Orders");
const stock = defineService("Stock");

describe("ServiceRegistry", () => {
  let registry: ServiceRegistry;
  const add = (definition: AnyServiceDefinition): ServiceRuntime => {
    const service = { name: definition.name, definition } as ServiceRuntime;
    registry.add(service);
    return service;
  };

  beforeEach(() => {
    registry = new ServiceRegistry();
  });

  test("finds a service by class, definition, or name in any case, again and again", () => {
    const services = [add(orders), add(stock), add(definitionOf(Reports))];
    const found = (targets: Parameters<ServiceRegistry["find"]>[0][]): ServiceRuntime[] => targets.map(target => registry.find(target));
    for (let i = 0; i < 2; i++) {
      expect(found([orders, stock, Reports])).toEqual(services);
      expect(found(["Orders", "Orders", "sTOCK", "reports"])).toEqual([services[0], services[0], services[1], services[2]]);
    }
  });

  test("finds a service under the name its instance gave itself, and no longer under the old one", () => {
    const service = add(orders);
    expect(registry.find("Orders")).toBe(service);
    expect(registry.rename(service, "Purchases")).toBe(true);
    expect(registry.find("Purchases")).toBe(service);
    expect(registry.find(orders)).toBe(service);
    expect(() => registry.find("Orders")).toThrow(expect.objectContaining({ code: "SORA_SERVICE_UNKNOWN" }));
  });

  test("gives a class that is not registered nothing, also where another service has its name", () => {
    add(defineService("Reports"));
    expect(() => registry.find(Reports)).toThrow(
      expect.objectContaining({ code: "SORA_SERVICE_UNKNOWN", message: expect.stringContaining("another class or definition") }),
    );
  });

  test("names the nearest service where there is none of the name", () => {
    add(orders);
    expect(() => registry.find("Order")).toThrow(/did you mean "Orders"/);
  });

  test("keeps names apart when one is renamed to another's", () => {
    const service = add(orders);
    add(stock);
    expect(registry.rename(service, "Stock")).toBe(false);
    expect(registry.find("Orders")).toBe(service);
  });
});
