import { expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { SoraFluentServiceBase } from "../definition/sora-fluent-service-base.ts";
import { createTestHost } from "../testing/index.ts";

class Unmet extends SoraFluentServiceBase {
  constructor(
    readonly url: string,
    readonly size: number,
  ) {
    super();
  }
}
class Inherits extends Unmet {}
class Defaulted extends SoraFluentServiceBase {
  constructor(readonly url: string = "here") {
    super();
  }
}
class Plain {}

const warnings = (host: { readonly logs: readonly { readonly level: string; readonly message: string; readonly fields: object }[] }): unknown[] =>
  host.logs.filter(({ level }) => level === "warn").map(({ message, fields }) => [(fields as { readonly service?: string }).service, message]);

test("a constructor's parameters that nobody gives are told of, and what to do", async () => {
  await using host = await createTestHost({ services: [Unmet, Inherits, Defaulted, Plain, defineService("Defined")] });
  expect(warnings(host)).toEqual([
    [
      "Unmet",
      "Its constructor declares 2 parameters, and is given nothing: take dependencies by inject() in a field, or say in `provide` how it is made, [Unmet, () => new Unmet(…)]",
    ],
  ]);
});

test("nothing is said where `provide` says how the service is made", async () => {
  await using host = await createTestHost({ services: [Unmet], provide: [[Unmet, () => new Unmet("there", 5)]] });
  expect(warnings(host)).toEqual([]);
});
