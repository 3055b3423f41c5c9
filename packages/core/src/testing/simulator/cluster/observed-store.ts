import type { ActionStore } from "../../../durable/store/action-store.ts";
import type { DurableStore } from "../../../durable/store/durable-store.ts";
import type { OutboxStore } from "../../../durable/store/outbox-store.ts";
import type { ClusterLedger } from "./cluster-ledger.ts";

/** The store itself, every move of which is written into the ledger before the next is made. */
export function observedStore(store: DurableStore, ledger: ClusterLedger): DurableStore {
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other, each with its entry. */
  const inTurn = <T>(move: () => Promise<T>): Promise<T> => {
    const moved = last.then(move);
    last = moved.catch(() => {});
    return moved;
  };
  const { actions } = store;
  const observed: Partial<ActionStore> = {
    enqueue: given => inTurn(async () => ledger.enqueued(given, await actions.enqueue(given))),
    join: worker => inTurn(async () => ledger.joined(worker, await actions.join(worker))),
    turn: turn => inTurn(async () => ledger.turned(turn, await actions.turn(turn))),
    recover: (limit, keepFor) => inTurn(async () => ledger.recovered(await actions.recover(limit, keepFor))),
    cancel: (ids, keepFor) => inTurn(async () => ledger.cancelled(ids, await actions.cancel(ids, keepFor))),
    retry: ids => inTurn(async () => ledger.retried(ids, await actions.retry(ids))),
  };
  const { outbox } = store;
  const observedOutbox: Partial<OutboxStore> = {
    append: entries => inTurn(async () => ledger.outbox.appended(entries, await outbox.append(entries))),
    read: limit => inTurn(async () => ledger.outbox.read(await outbox.read(limit))),
    report: report => inTurn(async () => ledger.outbox.reported(report, await outbox.report(report))),
  };
  /** A part of the store, of which some methods are observed and all are called in turn. */
  const inTurnAll = <Part extends object>(part: Part, own: Partial<Part>): Part =>
    new Proxy(part, {
      get(target, name) {
        const observing = Reflect.get(own, name) as unknown;
        if (observing !== undefined) return observing;
        const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) => inTurn(() => method.apply(target, args));
      },
    });
  const parts = { actions: inTurnAll(actions, observed), outbox: inTurnAll(outbox, observedOutbox) };
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(parts, name)) return Reflect.get(parts, name) as unknown;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
