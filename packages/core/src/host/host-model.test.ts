import fc from "fast-check";
import { expect, test } from "vitest";
import { defineService, SoraError } from "../index.ts";
import { nextPhase } from "../lifecycle/service-state.ts";
import { createTestHost } from "../testing/index.ts";
import type { ServiceDefinition } from "../index.ts";
import type { LifecycleMove, ServicePhase } from "../lifecycle/service-state.ts";
import { controlOf } from "../control/control-of.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";
const runs = nightly ? 100_000 : 1_000;

/** What a service of the model does when it is started, drawn once. */
interface Drawn {
  readonly kind: "loop" | "completes" | "periodic" | "startup";
  /** How many times it throws before it behaves. */
  readonly failures: number;
  readonly critical: boolean;
  readonly priority: number;
}

type Command =
  | { readonly do: "start" | "stop" | "restart"; readonly service: number }
  | { readonly do: "wait"; readonly time: number }
  | { readonly do: "health" };

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom("loop", "loop", "completes", "periodic", "startup"),
  failures: fc.constantFrom(0, 0, 0, 1, 2, 9),
  critical: fc.boolean(),
  priority: fc.integer({ min: 0, max: 3 }),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("start", "stop", "restart"), service: fc.nat(5) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait"), time: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("health") }) },
);

const moves: readonly LifecycleMove[] = ["disable", "enable", "start", "started", "returned", "failed", "retry", "stop", "stopped"];

function legal(before: ServicePhase, after: ServicePhase): boolean {
  return moves.some(move => nextPhase(before, move) === after);
}

/** The service drawn, noting when it is made to work and when it is told to end. */
function build(index: number, { kind, failures, critical, priority }: Drawn, log: string[]): ServiceDefinition {
  const name = `S${index}`;
  let left = kind === "startup" ? 0 : failures;
  const options = { isCritical: critical, priority };
  if (kind === "periodic") return defineService(name, { ...options, every: 5_000, execute: () => fail() });
  return defineService(name, {
    ...options,
    ...(kind === "startup" ? { startupOrder: index } : {}),
    execute: async context => {
      log.push(`+${name}`);
      try {
        if (left > 0) await context.delay(10);
        fail();
        if (kind === "loop") await new Promise<void>(resolve => context.signal.addEventListener("abort", () => resolve(), { once: true }));
      } finally {
        log.push(`-${name}`);
      }
    },
  });

  function fail(): void {
    if (left-- > 0) throw new Error("as drawn");
  }
}

test(`a host keeps its services to the state table, in order, through any sequence of commands (${runs} sequences)`, { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(drawn, { minLength: 1, maxLength: 6 }), fc.array(command, { maxLength: 15 }), async (services, commands) => {
      const log: string[] = [];
      const illegal: string[] = [];
      const definitions = services.map((service, index) => build(index, service, log));
      const host = await createTestHost({ services: definitions });
      const control = controlOf(host);
      const phases = new Map<string, ServicePhase>(host.list().map(status => [status.name, status.state]));
      using _watch = control.watchStates(({ service, state }) => {
        const before = phases.get(service) as ServicePhase;
        if (!legal(before, state)) illegal.push(`${service} went from ${before} to ${state}`);
        phases.set(service, state);
      });
      const pending: Promise<unknown>[] = [];
      for (const one of commands) {
        if (one.do === "wait") await host.clock.advance(one.time);
        else if (one.do === "health") pending.push(host.health(), host.ready());
        else {
          const target = definitions[one.service % definitions.length] as ServiceDefinition;
          const asked = one.do === "start" ? host.startService(target) : one.do === "stop" ? host.stopService(target) : host.restartService(target);
          pending.push(asked.catch((error: unknown) => void (SoraError.is(error) || expect.unreachable(String(error)))));
        }
      }
      const stopping = host.stop();
      await host.clock.advance("1m");
      const report = await stopping;
      await Promise.all(pending);
      expect(illegal).toEqual([]);
      expect(host.logs.filter(line => line.message.includes("cannot"))).toEqual([]);
      expect(report.culprits).toEqual([]);
      expect(new Set(host.list().map(status => status.state))).toEqual(new Set(["stopped"]));
      for (const status of host.list()) expect(phases.get(status.name)).toBe("stopped");
      // each run that began has ended, one at a time
      for (let index = 0; index < definitions.length; index++) {
        const own = log.filter(line => line.slice(1) === `S${index}`).map(line => line[0]);
        expect(own.join("")).toMatch(/^(?:\+-)*$/);
      }
      expect(host.clock.pending).toBe(0);
    }),
    { numRuns: runs },
  );
});

test("a host starts by order and priority and stops in reverse", async () => {
  const log: string[] = [];
  const loop = (name: string, options: object): ServiceDefinition =>
    defineService(name, {
      ...options,
      execute: async ({ signal }) => {
        log.push(`+${name}`);
        await new Promise<void>(resolve => signal.addEventListener("abort", () => resolve(), { once: true }));
        log.push(`-${name}`);
      },
    });
  const once = (name: string, startupOrder: number): ServiceDefinition => defineService(name, { startupOrder, execute: () => void log.push(name) });
  const low = loop("Low", { priority: 1 });
  const high = loop("High", { priority: 200, dependsOn: [low] });
  const host = await createTestHost({ services: [loop("Usual", {}), high, low, once("Second", 2), once("First", 1)] });
  await host.stop();
  expect(log).toEqual(["First", "Second", "+Low", "+High", "+Usual", "-Usual", "-High", "-Low"]);
});
