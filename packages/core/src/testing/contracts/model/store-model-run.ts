import { deepEqual, equal, ok } from "node:assert/strict";
import type { DurableStore } from "../../../durable/store/durable-store.ts";
import type { NewAction } from "../../../durable/store/stored-action.ts";
import type { QueueClaim, Settlement } from "../../../durable/store/worker-turn.ts";
import type { StoreHarness } from "../store-harness.ts";
import { retryInOrder } from "../../../durable/store/retry-in-order.ts";
import { ReferenceActions } from "./reference-actions.ts";
import type { ClaimStep, SettleStep, StoreStep } from "./store-steps.ts";
import { keyLimits, span } from "./store-steps.ts";

type Turn = Extract<StoreStep, { readonly step: "turn" }>;

/** Does a sequence to a store and to the reference, and holds them against each other at each step. */
export class StoreModelRun {
  readonly #harness: StoreHarness;
  readonly #store: DurableStore;
  readonly #reference: ReferenceActions;
  /** All that were ever given to the store. */
  readonly #given: NewAction[] = [];
  readonly #workers: string[] = [];
  /** The highest fence seen of each action. */
  readonly #fences = new Map<string, number>();

  constructor(harness: StoreHarness, store: DurableStore) {
    this.#harness = harness;
    this.#store = store;
    this.#reference = new ReferenceActions(store.lease);
  }

  async run(steps: readonly StoreStep[]): Promise<void> {
    for (const step of steps) {
      await this.#do(step);
      await this.#compare();
    }
    await this.#compareOverview();
  }

  async #do(step: StoreStep): Promise<void> {
    const { actions } = this.#store;
    switch (step.step) {
      case "enqueue":
        return this.#enqueue(step.actions.map((action, n) => this.#newAction(action, this.#given.length + n)));
      case "again":
        return this.#given.length === 0 ? undefined : this.#enqueue([this.#given[step.pick % this.#given.length]!]);
      case "join": {
        const worker = `w${this.#workers.length}`;
        this.#workers.push(worker);
        await actions.join({ id: worker, node: "model", queues: [] });
        return this.#reference.join(worker);
      }
      case "renew": {
        const worker = this.#worker(step.worker);
        const { held, cancelled } = await actions.renew(worker);
        const expected = this.#reference.renew(worker);
        return deepEqual({ held, cancelled: cancelled.toSorted() }, { held: expected !== undefined, cancelled: (expected ?? []).toSorted() });
      }
      case "leave": {
        const worker = this.#worker(step.worker);
        await actions.leave(worker);
        return this.#reference.leave(worker);
      }
      case "turn":
        return this.#turn(step);
      case "recover":
        return this.#recover(step.limit, step.spans * span);
      case "cancel": {
        const ids = step.picks.map(pick => this.#id(pick));
        const keepFor = step.spans === undefined ? undefined : step.spans * span;
        const expected = ids.map(id => this.#reference.cancel(id, keepFor ?? Number.POSITIVE_INFINITY));
        return deepEqual(await (keepFor === undefined ? actions.cancel(ids) : actions.cancel(ids, keepFor)), expected);
      }
      case "retry": {
        const ids = step.picks.map(pick => this.#id(pick));
        const inOrder = this.#reference.actions.map(({ id }) => id).filter(id => ids.includes(id));
        const expected = retryInOrder(ids, inOrder, id => this.#reference.retry(id));
        return deepEqual(await actions.retry(ids), expected);
      }
      case "pause":
      case "resume": {
        const [service, action] = step.queue.split("/") as [string, string | undefined];
        await actions[step.step]({ service, ...(action !== undefined && { action }) });
        return this.#reference[step.step](step.queue);
      }
      case "purge": {
        const keepFor = step.spans === undefined ? undefined : step.spans * span;
        const expected = this.#reference.purge(keepFor ?? Number.POSITIVE_INFINITY);
        const { deleted, cancelled } = await (keepFor === undefined ? actions.purge(1_000) : actions.purge(1_000, keepFor));
        return deepEqual({ deleted, cancelled: cancelled.toSorted() }, { deleted: expected.deleted, cancelled: expected.cancelled.toSorted() });
      }
      case "advance":
        await this.#harness.advance(step.spans * span);
        this.#reference.now += step.spans * span;
    }
  }

  #newAction(
    { queue, priority, attempts, spans, key, idempotencyKey, debounceKey, after }: Extract<StoreStep, { step: "enqueue" }>["actions"][number],
    n: number,
  ): NewAction {
    return {
      id: `a${n}`,
      queue,
      priority,
      attempts,
      envelope: "{}",
      parameters: `${n}`,
      ...(spans > 0 && { delay: spans * span }),
      ...(key !== undefined && { key, keyLimit: keyLimits[key]! }),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
      ...(debounceKey !== undefined && { debounceKey }),
      // Only what came before it, so that there are no circles.
      ...(after !== undefined && n > 0 && { after: `a${after % n}` }),
    };
  }

  async #enqueue(actions: readonly NewAction[]): Promise<void> {
    this.#given.push(...actions.filter(action => !this.#given.includes(action)));
    const standIns = new Map<string | undefined, string>();
    const expected = actions.map(action => {
      const after = standIns.get(action.after);
      const stored = this.#reference.enqueue(after === undefined ? action : { ...action, after });
      if (stored.outcome !== "stored") standIns.set(action.id, stored.id);
      return stored;
    });
    deepEqual(await this.#store.actions.enqueue(actions), expected);
  }

  async #turn({ worker: pick, settle, claim, forgets }: Turn): Promise<void> {
    const worker = this.#worker(pick);
    const held = this.#reference.isHeld(worker);
    const running = this.#reference.runBy(worker);
    const settlements = running.length === 0 ? [] : settle.map(step => this.#settlement(running[step.pick % running.length]!.id, step));
    const settled = settlements.map((settlement, n) => this.#reference.settle(worker, settlement, !settle[n]!.stale));
    // What it still holds but for one, as if it had never heard of that.
    const holds = forgets && held ? this.#reference.runBy(worker).slice(1).map(({ id }) => id) : undefined; // prettier-ignore
    if (holds !== undefined) this.#reference.releaseUnheld(worker, holds);
    const request =
      claim === undefined ? undefined : { queues: claim.queues.map(queue => this.#queueClaim(queue, claim)), most: claim.most, suspect: claim.suspect };
    const claimed = held && request !== undefined ? this.#reference.claim(worker, request) : [];
    const answer = await this.#store.actions.turn({
      worker,
      settle: settlements,
      ...(holds !== undefined && { holds }),
      ...(request !== undefined && { claim: request }),
    });
    const handed = answer.claimed.map(({ id, attempt, suspect, parameters }) => ({ id, attempt, suspect, parameters }));
    deepEqual({ held: answer.held, settled: answer.settled, claimed: handed }, { held, settled, claimed });
    for (const { id, fence } of answer.claimed) {
      const before = this.#fences.get(id);
      ok(before === undefined || fence > before, `the fence of ${id} was ${before}, and is ${fence}`);
      this.#fences.set(id, fence);
    }
    const next = held && claim !== undefined ? this.#reference.nextDue(claim.queues) : undefined;
    if (next !== undefined) ok(answer.dueIn !== undefined && answer.dueIn <= next, `dueIn is ${answer.dueIn}, and the next is due in ${next}`);
    ok(answer.dueIn === undefined || answer.dueIn > 0, `dueIn is ${answer.dueIn}`);
  }

  #queueClaim(queue: string, { mostOfQueue, groups }: ClaimStep): QueueClaim {
    const within = groups.flatMap(({ queues, most }, n) => (queues.includes(queue) ? [{ name: `g${n}`, most }] : []));
    return { queue, ...(mostOfQueue !== undefined && { most: mostOfQueue }), ...(within.length > 0 && { groups: within }) };
  }

  #settlement(id: string, { kind, spans, stale }: SettleStep): Settlement {
    const fence = (this.#fences.get(id) ?? 0) + (stale ? -1 : 0);
    const error = { message: "as drawn", attempt: this.#reference.find(id)?.attempt ?? 0, at: 0 };
    switch (kind) {
      case "completed":
      case "cancelled":
        return { id, fence, kind, keepFor: spans * span };
      case "dead":
        return { id, fence, kind, error, keepFor: spans * span };
      case "failed":
        return { id, fence, kind, error, delay: spans * span };
      case "released":
        return { id, fence, kind };
    }
  }

  /** Which of them a limit leaves for later is the store's choice. */
  async #recover(limit: number, keepFor: number): Promise<void> {
    const orphans = this.#reference.orphans();
    const recovered = await this.#store.actions.recover(limit, keepFor);
    equal(recovered.length, Math.min(limit, orphans.length));
    for (const { id, queue, attempt, state } of recovered) {
      const orphan = orphans.find(action => action.id === id);
      ok(orphan !== undefined, `${id} was recovered, and its worker was not lost`);
      deepEqual({ queue, attempt }, { queue: orphan.queue, attempt: orphan.attempt });
      equal(state, this.#reference.recover(orphan, keepFor), `${id} was recovered to another state`);
    }
  }

  async #compare(): Promise<void> {
    const ids = this.#given.map(({ id }) => id);
    const stored = await this.#store.actions.get(ids);
    const seen = stored.map(({ id, queue, state, parameters, priority, attempt, attempts, worker, key, cancelRequested }) => ({ id, queue, state, parameters, priority, attempt, attempts, worker, key, cancelRequested })); // prettier-ignore
    const expected = this.#reference.actions.map(action => {
      const { id, queue, parameters, priority, attempt, attempts, worker, key, cancelKeepFor } = action;
      return {
        id,
        queue,
        state: this.#reference.stateOf(action),
        parameters,
        priority,
        attempt,
        attempts,
        worker,
        key,
        cancelRequested: cancelKeepFor !== undefined,
      };
    });
    const byId = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? -1 : 1);
    deepEqual(seen.toSorted(byId), expected.toSorted(byId));
    for (const id of this.#fences.keys()) if (this.#reference.find(id) === undefined) this.#fences.delete(id); // stored again, it is another
  }

  async #compareOverview(): Promise<void> {
    const { actions } = this.#store;
    const listed = (await actions.list({ limit: 1_000 })).actions.map(({ id }) => id);
    deepEqual(listed, this.#reference.actions.map(({ id }) => id).toReversed()); // prettier-ignore
    const counts: Record<string, number> = {};
    for (const action of this.#reference.actions) {
      const state = this.#reference.stateOf(action);
      if (state !== "completed") counts[`${action.queue} ${state}`] = (counts[`${action.queue} ${state}`] ?? 0) + 1;
    }
    deepEqual(Object.fromEntries((await actions.counts()).map(({ queue, state, count }) => [`${queue} ${state}`, count])), counts);
    deepEqual((await actions.workers()).map(({ id }) => id).toSorted(), this.#reference.present().toSorted()); // prettier-ignore
    deepEqual((await actions.paused()).map(({ service, action }) => (action === undefined ? service : `${service}/${action}`)).toSorted(), this.#reference.paused.toSorted()); // prettier-ignore
  }

  /** One of the last few that joined, so that it may hold its lease; a stranger where none did. */
  #worker(pick: number): string {
    return this.#workers.at(-1 - (pick % Math.max(1, Math.min(3, this.#workers.length)))) ?? "stranger";
  }

  #id(pick: number): string {
    return this.#given[pick % Math.max(1, this.#given.length)]?.id ?? "nobody";
  }
}
