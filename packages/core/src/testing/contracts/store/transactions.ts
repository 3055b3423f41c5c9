import { deepEqual, equal, rejects } from "node:assert/strict";
import { SoraError } from "../../../errors/sora-error.ts";
import type { StorePromise } from "./store-bench.ts";

/** Writes within the user's own transactions. */
export const transactions: readonly StorePromise[] = [
  {
    title: "what is written within a transaction is there when it is committed, and not before",
    needs: "transactions",
    run: async bench => {
      const answer = await bench.transaction(async transaction => {
        const within = bench.store.within(transaction);
        const stored = await within.enqueue([bench.action({ id: "a" }), bench.action({ id: "b", key: "k", idempotencyKey: "once" })]);
        await within.append([{ id: "e", topic: "t", envelope: "{}", key: "k" }]);
        await within.append([{ id: "f", topic: "t", envelope: "{}", key: "k" }]);
        return stored;
      });
      deepEqual(answer.map(({ id, outcome }) => [id, outcome]), [["a", "stored"], ["b", "stored"]]); // prettier-ignore
      deepEqual(await (await bench.worker()).claimIds(), ["a", "b"]);
      deepEqual((await bench.store.outbox.read(10)).map(({ id }) => id), ["e", "f"]); // prettier-ignore
    },
  },
  {
    title: "what is written within a transaction that is rolled back never was",
    needs: "transactions",
    run: async bench => {
      await rejects(
        bench.transaction(async transaction => {
          const within = bench.store.within(transaction);
          await within.enqueue([bench.action({ id: "a", key: "k", idempotencyKey: "once" }), bench.action({ id: "b", debounceKey: "d" })]);
          await within.append([{ id: "e", topic: "t", envelope: "{}" }]);
          throw new Error("rolled back");
        }),
        /rolled back/u,
      );
      deepEqual(await bench.store.actions.list({}), { actions: [] });
      deepEqual(await bench.store.outbox.counts(), { waiting: 0, dead: 0 });
      deepEqual(await bench.enqueueAll([{ id: "a", key: "k", idempotencyKey: "once" }, { id: "c", debounceKey: "d" }]), [{ id: "a", outcome: "stored" }, { id: "c", outcome: "stored" }]); // prettier-ignore
      deepEqual(await (await bench.worker()).claimIds(), ["a", "c"]);
    },
  },
  {
    title: "within a transaction, keys mean what they mean outside",
    needs: "transactions",
    run: async bench => {
      await bench.enqueueAll([
        { id: "a", idempotencyKey: "once" },
        { id: "b", debounceKey: "d", parameters: "1" },
        { id: "c", key: "k" },
      ]);
      const answer = await bench.transaction(transaction =>
        bench.store
          .within(transaction)
          .enqueue([
            bench.action({ id: "x", idempotencyKey: "once" }),
            bench.action({ id: "y", debounceKey: "d", parameters: "2" }),
            bench.action({ id: "z", key: "k" }),
          ]),
      );
      deepEqual(answer, [{ id: "a", outcome: "existing" }, { id: "b", outcome: "replaced" }, { id: "z", outcome: "stored" }]); // prettier-ignore
      deepEqual(await (await bench.worker()).claimIds(), ["a", "b", "c"]);
      equal((await bench.get("b"))?.parameters, "2");
    },
  },
  {
    title: "what is written when the transaction has ended is refused",
    needs: "transactions",
    run: async bench => {
      const late = await bench.transaction(async transaction => {
        const within = bench.store.within(transaction);
        await bench.store.within(transaction).enqueue([bench.action({ id: "a" })]);
        return within;
      });
      const refused = (error: unknown): boolean => SoraError.is(error, "SORA_TRANSACTION_UNSUPPORTED");
      await rejects(late.enqueue([bench.action({ id: "b" })]), refused);
      await rejects(late.append([{ id: "e", topic: "t", envelope: "{}" }]), refused);
      deepEqual(await (await bench.worker()).claimIds(), ["a"]);
      deepEqual(await bench.store.outbox.counts(), { waiting: 0, dead: 0 });
    },
  },
];
