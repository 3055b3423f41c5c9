import type { ActionStore } from "../../../durable/store/action-store.ts";
import type { DurableStore } from "../../../durable/store/durable-store.ts";
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
  const all = new Proxy(actions, {
    get(target, name) {
      const own = Reflect.get(observed, name) as unknown;
      if (own !== undefined) return own;
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => inTurn(() => method.apply(target, args));
    },
  });
  return new Proxy(store, {
    get(target, name) {
      if (name === "actions") return all;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
