import { defineService, SoraError, SoraHost, type } from "@sora/core";
import { describe, expect, test } from "vitest";
import { canCrash, crashMoments, crashPoints } from "./fixtures/crash-points.ts";
import { storeAt } from "./fixtures/durable-service.ts";
import { HostProcess } from "./host-process.ts";
import { storePlaces } from "./store-places.ts";
import type { ActionReceipt } from "@sora/core";

// Processes that are killed exactly where it could do harm: between what is done and the word of it.
const nightly = process.env["SORA_NIGHTLY"] === "1";
const lease = 500;
/** How often every moment is died at, and at which of its occasions. */
const rounds = nightly ? 10 : 1;

const places = storePlaces.filter(({ skipped }) => skipped === undefined);
const without = storePlaces.flatMap(({ name, skipped }) => (skipped === undefined ? [] : [`, without ${name}`])).join("");

/** What the processes work on, known to this one by name only. */
const crashable = defineService("Crashable", {
  actions: { run: { parameters: type<{ readonly takes: number; readonly fails: boolean }>(), run: async (): Promise<unknown> => undefined } },
});

/**
 * Left to the night: what leaves a store as the moment beside it does (a claim that is answered and one that is begun, an end and its outcome that is yet to be asked for), and requests
 * under way, of which it is open whether they will be done.
 */
const nightlyOnly = new Set(["before start", "after end", "before outbox report", ...crashPoints.map(point => `under way ${point}`)]);

const deaths = Array.from({ length: rounds }, (_, round) =>
  crashPoints.flatMap(point =>
    crashMoments
      .filter(moment => canCrash(point, moment) && (nightly || !nightlyOnly.has(`${moment} ${point}`)))
      .map(moment => ({ point, moment, nth: 1 + (round % 5) })),
  ),
).flat();

interface Told {
  readonly store: number;
  readonly id: string;
  /** Absent where the store settled it, since its worker was lost. */
  readonly fence?: number;
  readonly kind: string;
}

describe(`processes that are killed at every named moment, on ${places.map(({ name }) => name).join(" and ")}${without}`, () => {
  test(`${deaths.length} deaths: each at its moment, nothing lost, no outcome twice`, { timeout: nightly ? 3_600_000 : 60_000 }, async () => {
    await using stack = new AsyncDisposableStack();
    const urls = places.map(({ open }) => stack.use(open()).url);
    const hosts: SoraHost[] = [];
    for (const url of urls) hosts.push(stack.use(await SoraHost.start({ services: [], store: await storeAt(url, lease), worker: false, logger: false })));

    const receipts: ActionReceipt[][] = hosts.map(() => []);
    const messages: { key: string; n: number }[] = [];
    /** Something for every point: what completes, what dies of failing, what dies with its worker, and messages. */
    const giveWork = async (): Promise<void> => {
      const more = Array.from({ length: 3 }, (_, n) => ({ key: `k${n}`, n: messages.length + n }));
      messages.push(...more);
      for (const [store, host] of hosts.entries()) {
        const ask = (count: number, attempts: number, fails: boolean): Promise<{ readonly receipts: readonly ActionReceipt[] }> => {
          const works = Array.from({ length: count }, (_, n) => ({ takes: 2 + n * 7, fails }));
          return host.services(crashable).doEach("run", works).withRetry({ attempts, backoff: "fixed", delay: 10 }).enqueue();
        };
        const given = await Promise.all([ask(6, 100, false), ask(2, 2, true), ask(2, 1, false)]);
        receipts[store]?.push(...given.flatMap(batch => batch.receipts));
        for (const message of more) await host.outbox.append("happened", message, { key: message.key });
      }
    };

    const lives: HostProcess[] = [];
    const begin = (...args: string[]): HostProcess => {
      const life = new HostProcess("crash-at", ...args);
      lives.push(life);
      return life;
    };
    const lane = async (left: (typeof deaths)[number][]): Promise<void> => {
      for (let death = left.shift(); death !== undefined; death = left.shift()) {
        await using life = begin(death.point, death.moment, String(death.nth), String(lease), ...urls);
        await life.says("ready");
        let dead = false;
        void life.ended.then(() => (dead = true));
        while (!dead) {
          await giveWork();
          await Promise.race([life.ended, new Promise(resolve => setTimeout(resolve, 200))]);
        }
        expect([life.said("reached"), (await life.ended).signal, life.errors]).toEqual([[`${death.moment} ${death.point}`], "SIGKILL", ""]);
      }
    };
    // Others take over while it lasts. Of those that publish there is one at a time: two could stand still for each other, each with the outbox of one store.
    const [publishers, workers] = [deaths.filter(({ point }) => point.startsWith("outbox")), deaths.filter(({ point }) => !point.startsWith("outbox"))];
    const surviving = lane(publishers).then(() => stack.use(begin("none", "", "0", String(lease), ...urls)));
    const [survivor] = await Promise.all([surviving, lane(workers), lane(workers)]);

    const outcomes = await Promise.all(receipts.map(some => Promise.allSettled(some.map(receipt => receipt.result()))));
    while ((await Promise.all(hosts.map(host => host.outbox.counts()))).some(({ waiting }) => waiting > 0))
      await new Promise(resolve => setTimeout(resolve, 20));
    survivor.kill("SIGTERM");
    expect(await survivor.ended).toMatchObject({ code: 0, signal: null });

    for (const [store, url] of urls.entries()) {
      const told = <T>(name: string): T[] => lives.flatMap(life => (life.said(name) as (T & { store: number })[]).filter(one => one.store === store));
      const where = places[store]?.name ?? url;
      // Of every ten: six complete, whoever dies; two fail, or are lost, as often as they may; two complete, or are dead by the death of their process.
      const wrong = (outcomes[store] ?? []).flatMap((outcome, n) => {
        const isDead = outcome.status === "rejected" && SoraError.is(outcome.reason, "SORA_ACTION_DEAD");
        const isRight = n % 10 < 6 ? outcome.status === "fulfilled" : n % 10 < 8 ? isDead : outcome.status === "fulfilled" || isDead;
        return isRight ? [] : [{ n, outcome }];
      });
      expect(wrong, where).toEqual([]);

      const settled = told<Told>("settled").filter(({ kind }) => kind !== "failed" && kind !== "released");
      expect(settled.length - new Set(settled.map(({ id }) => id)).size, `outcomes written twice on ${where}`).toBe(0);
      const fences = new Map(settled.map(({ id, fence }) => [id, fence]));
      const late = told<Told>("claimed").filter(({ id, fence = 0 }) => fence > (fences.get(id) ?? Infinity));
      expect(late, `handed out after their outcome on ${where}`).toEqual([]);

      const sent = told<{ message: { key: string; n: number } }>("sent").map(({ message: { key, n } }) => `${key} ${n}`);
      expect(new Set(sent)).toEqual(new Set(messages.map(({ key, n }) => `${key} ${n}`)));
      const reported = told<{ sequences: readonly number[] }>("reported").flatMap(({ sequences }) => sequences);
      expect(new Set(reported).size, `messages reported twice on ${where}`).toBe(reported.length);
    }
    expect(lives.flatMap(life => life.said("unhandled"))).toEqual([]);
  });
});
