import * as fc from "fast-check";
import { expect, test } from "vitest";
import { defineService } from "../index.ts";
import { createTestHost } from "../testing/index.ts";
import type { OverlapPolicy } from "../index.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";
const runs = nightly ? 100_000 : 1_000;

type Step = { readonly do: "poke"; readonly by: "trigger" | "check-queue" } | { readonly do: "advance"; readonly seconds: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("poke" as const), by: fc.constantFrom("trigger" as const, "check-queue" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("advance" as const), seconds: fc.integer({ min: 0, max: 4 }) }) },
);

interface Run {
  readonly number: number;
  /** How many things had happened before it began, and before it ended. */
  readonly began: number;
  ended: number | undefined;
  readonly poked: boolean;
  readonly fails: boolean;
}

interface Poke {
  readonly at: number;
  outcome: { readonly at: number; readonly run: number | undefined } | undefined;
}

test(
  `a poke is level-triggered, in ${runs} sequences: a whole run begins after it, its caller gets that run's outcome, at most one runs and one waits`,
  { timeout: nightly ? 3_600_000 : 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.array(fc.record({ takes: fc.integer({ min: 0, max: 5 }), fails: fc.boolean() }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom<OverlapPolicy>("skip", "queue", "allow"),
        async (steps, lives, overlap) => {
          let time = 0; // counts what happens, so that before and after are exact
          const history: Run[] = [];
          const pokes: Poke[] = [];
          const job = defineService("Job", {
            every: "7s",
            overlap,
            onTriggerNow: context => work(true, context.clock.sleep.bind(context.clock)),
            execute: context => work(false, context.clock.sleep.bind(context.clock)),
          });
          async function work(poked: boolean, sleep: (ms: number) => Promise<void>): Promise<void> {
            const { takes, fails } = lives[history.length % lives.length] as { takes: number; fails: boolean };
            const run: Run = { number: history.length, began: time++, ended: undefined, poked, fails };
            history.push(run);
            if (takes > 0) await sleep(takes * 1_000);
            run.ended = time++;
            if (fails) throw Object.assign(new Error("failed"), { run: run.number });
          }
          const under = (): Run[] => history.filter(run => run.ended === undefined);

          await using host = await createTestHost({ services: [job] });
          const ask = (by: "trigger" | "check-queue"): void => {
            const poke: Poke = { at: time++, outcome: undefined };
            pokes.push(poke);
            host
              .services(job)
              .do(by)
              .execute()
              .then(
                () => (poke.outcome = { at: time++, run: undefined }),
                (error: unknown) => (poke.outcome = { at: time++, run: (error as { run: number }).run }),
              );
          };
          for (const one of steps) {
            if (one.do === "poke") ask(one.by);
            else await host.clock.advance(one.seconds * 1_000);
            if (overlap !== "allow") expect(under().length).toBeLessThanOrEqual(1);
            expect(under().filter(run => run.poked).length).toBeLessThanOrEqual(1);
            const { inFlight, waiting } = host.list()[0] as { inFlight: number; waiting: number };
            expect(waiting).toBeLessThanOrEqual(1);
            if (one.do === "advance") expect(inFlight).toBe(under().length);
          }
          await host.clock.advance("30s");
          const stopped = host.stop();
          await host.clock.advance("30s");
          await stopped;

          for (const poke of pokes) {
            const after = history.filter(run => run.began > poke.at);
            expect(after.length).toBeGreaterThan(0); // a run begins after the poke
            const first = after.find(run => run.poked) as Run;
            expect(first).toBeDefined();
            expect(first.ended).toBeDefined(); // a whole one
            expect(poke.outcome).toBeDefined();
            expect(poke.outcome?.at).toBeGreaterThan(first.ended as number);
            expect(poke.outcome?.run).toBe(first.fails ? first.number : undefined);
          }
          // No more poked runs than pokes, and each is for somebody.
          for (const run of history.filter(one => one.poked))
            expect(pokes.some(poke => poke.at < run.began && poke.outcome !== undefined && poke.outcome.at > (run.ended as number))).toBe(true);
        },
      ),
      { numRuns: runs },
    );
  },
);
