import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import type { StorePromise } from "./store-bench.ts";

const hour = 3_600_000;

/** Ticks of periodic services, and names with one holder. */
export const ticksAndLeases: readonly StorePromise[] = [
  {
    title: "a tick is taken once, and the last one is remembered",
    run: async bench => {
      const { ticks } = bench.store;
      deepEqual([...(await ticks.last(["A", "B"]))], []);
      deepEqual(await ticks.take({ service: "A", at: 1_000, gap: 10 }), { taken: true, last: 1_000 });
      deepEqual(await ticks.take({ service: "A", at: 1_000, gap: 10 }), { taken: false, last: 1_000 });
      deepEqual(await ticks.take({ service: "A", at: 1_000, gap: 0 }), { taken: false, last: 1_000 });
      deepEqual(await ticks.take({ service: "B", at: 5_000_000_000_000, gap: 10 }), { taken: true, last: 5_000_000_000_000 });
      deepEqual([...(await ticks.last(["A", "B", "C"]))].toSorted(), [["A", 1_000], ["B", 5_000_000_000_000]]); // prettier-ignore
      deepEqual([...(await ticks.last(["B"]))], [["B", 5_000_000_000_000]]);
      deepEqual([...(await ticks.last([]))], []);
    },
  },
  {
    title: "a tick too near to the last, or before it, is not taken",
    run: async bench => {
      const { ticks } = bench.store;
      await ticks.take({ service: "A", at: 1_000, gap: 100 });
      deepEqual(await ticks.take({ service: "A", at: 1_099, gap: 100 }), { taken: false, last: 1_000 });
      deepEqual(await ticks.take({ service: "A", at: 500, gap: 100 }), { taken: false, last: 1_000 });
      deepEqual(await ticks.take({ service: "A", at: 1_100, gap: 100 }), { taken: true, last: 1_100 });
      deepEqual(await ticks.take({ service: "A", at: 1_101, gap: 0 }), { taken: true, last: 1_101 });
    },
  },
  {
    title: "a tick is refused to a holder whose token has been passed by",
    run: async bench => {
      const { ticks } = bench.store;
      equal((await ticks.take({ service: "A", at: 1_000, gap: 1, fence: 5 })).taken, true);
      deepEqual(await ticks.take({ service: "A", at: 2_000, gap: 1, fence: 4 }), { taken: false, last: 1_000 });
      equal((await ticks.take({ service: "A", at: 2_000, gap: 1, fence: 5 })).taken, true);
      equal((await ticks.take({ service: "A", at: 3_000, gap: 1, fence: 9 })).taken, true);
      equal((await ticks.take({ service: "A", at: 4_000, gap: 1, fence: 8 })).taken, false);
      equal((await ticks.take({ service: "A", at: 4_000, gap: 1 })).taken, true);
      equal((await ticks.take({ service: "A", at: 5_000, gap: 1, fence: 8 })).taken, false);
      equal((await ticks.take({ service: "A", at: 5_000, gap: 1, fence: 9 })).taken, true);
      equal((await ticks.take({ service: "B", at: 4_000, gap: 1, fence: 1 })).taken, true);
    },
  },
  {
    title: "of hosts that ask for one tick at once, one takes it",
    needs: "openers",
    run: async bench => {
      const stores = [bench.store, await bench.another(), await bench.another()];
      for (let at = 1; at <= 10; at++) {
        const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => stores[n % 3]!.ticks.take({ service: "A", at, gap: 1 })));
        equal(answers.filter(({ taken }) => taken).length, 1);
        deepEqual(answers.map(({ last }) => last), answers.map(() => at)); // prettier-ignore
      }
    },
  },
  {
    title: "a lease has one holder until it is over, and its token rises with the holder",
    run: async bench => {
      const { leases } = bench.store;
      equal(await leases.holder("n"), undefined);
      const first = (await leases.acquire("n", "one", hour))!;
      deepEqual([first.name, first.holder], ["n", "one"]);
      equal(await leases.acquire("n", "two", hour), undefined);
      deepEqual(await leases.holder("n"), first);
      deepEqual(await leases.acquire("n", "one", hour), first);
      ok((await leases.acquire("other", "two", hour)) !== undefined);
      await bench.advance(hour * 0.9);
      equal(await leases.acquire("n", "two", hour), undefined);
      await bench.advance(hour * 0.2);
      equal(await leases.holder("n"), undefined);
      const second = (await leases.acquire("n", "two", hour))!;
      ok(second.token > first.token);
      deepEqual(await leases.holder("n"), second);
    },
  },
  {
    title: "a lease that is renewed, by renew or by acquiring it again, does not end",
    run: async bench => {
      const { leases } = bench.store;
      const lease = (await leases.acquire("n", "one", hour))!;
      for (let n = 0; n < 5; n++) {
        await bench.advance(hour * 0.7);
        if (n % 2 === 0) equal(await leases.renew(lease, hour), true);
        else deepEqual(await leases.acquire("n", "one", hour), lease);
        equal(await leases.acquire("n", "two", hour), undefined);
      }
      deepEqual(await leases.holder("n"), lease);
    },
  },
  {
    title: "renew says no where the lease is over or has passed to somebody else",
    run: async bench => {
      const { leases } = bench.store;
      const first = (await leases.acquire("n", "one", hour))!;
      await bench.advance(hour * 1.1);
      equal(await leases.renew(first, hour), false);
      const second = (await leases.acquire("n", "two", hour))!;
      equal(await leases.renew(first, hour), false);
      equal(await leases.renew({ ...second, holder: "one" }, hour), false);
      equal(await leases.renew({ ...second, token: second.token - 1 }, hour), false);
      equal(await leases.renew({ ...second, name: "never" }, hour), false);
      equal(await leases.renew(second, hour), true);
      deepEqual(await leases.holder("n"), second);
    },
  },
  {
    title: "release frees the name at once, and only where this is still the lease; tokens go on rising",
    run: async bench => {
      const { leases } = bench.store;
      const first = (await leases.acquire("n", "one", hour))!;
      await leases.release({ ...first, token: first.token + 1 });
      deepEqual(await leases.holder("n"), first);
      await leases.release(first);
      await leases.release(first);
      equal(await leases.holder("n"), undefined);
      equal(await leases.renew(first, hour), false);
      const second = (await leases.acquire("n", "two", hour))!;
      ok(second.token > first.token);
      await leases.release(first);
      deepEqual(await leases.holder("n"), second);
      await leases.release(second);
      const third = (await leases.acquire("n", "one", hour))!;
      ok(third.token > second.token);
      notEqual(third.token, first.token);
    },
  },
  {
    title: "of many that ask for a name at once, one gets it",
    needs: "openers",
    run: async bench => {
      const stores = [bench.store, await bench.another(), await bench.another()];
      let last = 0;
      for (let round = 0; round < 10; round++) {
        const leases = await Promise.all(Array.from({ length: 12 }, (_, n) => stores[n % 3]!.leases.acquire("n", `host ${n}`, hour)));
        const got = leases.filter(lease => lease !== undefined);
        equal(got.length, 1);
        ok(got[0]!.token > last);
        last = got[0]!.token;
        await bench.store.leases.release(got[0]!);
      }
    },
  },
];
