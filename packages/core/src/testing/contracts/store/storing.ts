import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { NewAction } from "../../../durable/store/stored-action.ts";
import type { StorePromise } from "./store-bench.ts";
import { work } from "./store-bench.ts";

/** What is stored, and what is not stored twice. */
export const storing: readonly StorePromise[] = [
  {
    title: "enqueue stores what it is given, and get gives it back",
    run: async bench => {
      const id = await bench.enqueue({ queue: "Other/thing@3", parameters: '{"a":1}', envelope: '{"b":2}', priority: -7, attempts: 3, key: "k" });
      const action = (await bench.get(id))!;
      const { enqueuedAt, dueAt, ...rest } = action;
      deepEqual(rest, {
        id,
        queue: "Other/thing@3",
        state: "waiting",
        parameters: '{"a":1}',
        envelope: '{"b":2}',
        priority: -7,
        attempt: 0,
        attempts: 3,
        key: "k",
        cancelRequested: false,
      });
      equal(dueAt, enqueuedAt);
      ok(Number.isFinite(enqueuedAt));
    },
  },
  {
    title: "enqueue answers for each action, in order, and takes none at all",
    run: async bench => {
      deepEqual(await bench.enqueueAll([]), []);
      const answers = await bench.enqueueAll([{ id: "c" }, { id: "a" }, { id: "b" }]);
      deepEqual(answers, [
        { id: "c", outcome: "stored" },
        { id: "a", outcome: "stored" },
        { id: "b", outcome: "stored" },
      ]);
    },
  },
  {
    title: "get passes over what is not there, and gives each action once",
    run: async bench => {
      await bench.enqueueAll([{ id: "a" }, { id: "b" }]);
      deepEqual((await bench.store.actions.get(["nobody", "b", "a", "b"])).map(({ id }) => id).sort(), ["a", "b"]);
      deepEqual(await bench.store.actions.get([]), []);
    },
  },
  {
    title: "enqueue hands out in the order of storing, within a call and between calls",
    run: async bench => {
      const ids = ["z", "b", "y", "a", "x"];
      await bench.enqueueAll(ids.slice(0, 3).map(id => ({ id })));
      await bench.enqueueAll(ids.slice(3).map(id => ({ id })));
      const worker = await bench.worker();
      deepEqual(await worker.claimIds({ most: 2 }), ["z", "b"]);
      deepEqual(await worker.claimIds(), ["y", "a", "x"]);
    },
  },
  {
    title: "enqueue stores all of a call or nothing",
    run: async bench => {
      const broken: NewAction = Object.defineProperty({ ...bench.action({ id: "third" }) }, "envelope", {
        enumerable: true,
        get: () => {
          throw new Error("as the test has it");
        },
      });
      await rejects(bench.store.actions.enqueue([bench.action({ id: "first", key: "k", idempotencyKey: "once" }), bench.action({ id: "second" }), broken]));
      deepEqual(await bench.store.actions.get(["first", "second", "third"]), []);
      deepEqual(await bench.enqueueAll([{ id: "again", key: "k", idempotencyKey: "once" }]), [{ id: "again", outcome: "stored" }]);
      deepEqual(await (await bench.worker()).claimIds(), ["again"]);
    },
  },
  {
    title: "enqueue of what is stored already stores nothing, and says so",
    run: async bench => {
      await bench.enqueue({ id: "a", parameters: "1" });
      deepEqual(await bench.enqueueAll([{ id: "b" }, { id: "a", parameters: "2" }, { id: "b" }]), [
        { id: "b", outcome: "stored" },
        { id: "a", outcome: "existing" },
        { id: "b", outcome: "existing" },
      ]);
      equal((await bench.get("a"))?.parameters, "1");
      deepEqual(await (await bench.worker()).claimIds(), ["a", "b"]);
    },
  },
  {
    title: "an idempotency key that is stored gives its action's id, in whatever state and queue",
    run: async bench => {
      await bench.enqueue({ id: "a", idempotencyKey: "k" });
      const again = (): Promise<unknown> => bench.enqueueAll([{ idempotencyKey: "k", queue: "Other/thing@1", priority: 9 }]);
      const existing = [{ id: "a", outcome: "existing" }];
      deepEqual(await again(), existing);
      const worker = await bench.worker();
      const first = await worker.claimOne();
      deepEqual(await again(), existing);
      await worker.fail(first, 60_000);
      deepEqual(await again(), existing);
      await bench.store.actions.retry(["a"]);
      await worker.complete(await worker.claimOne());
      deepEqual(await again(), existing);
      equal((await bench.store.actions.list({})).actions.length, 1);
    },
  },
  {
    title: "an idempotency key is free again when its action is deleted",
    run: async bench => {
      await bench.enqueue({ id: "a", idempotencyKey: "k" });
      const worker = await bench.worker();
      await worker.complete(await worker.claimOne(), undefined, 0);
      deepEqual(await bench.enqueueAll([{ id: "b", idempotencyKey: "k" }]), [{ id: "b", outcome: "stored" }]);
      await worker.complete(await worker.claimOne(), undefined, 1_000);
      deepEqual(await bench.enqueueAll([{ id: "c", idempotencyKey: "k" }]), [{ id: "b", outcome: "existing" }]);
      await bench.advance(10_000);
      deepEqual(await bench.store.actions.purge(10), { deleted: 1, cancelled: [] });
      deepEqual(await bench.enqueueAll([{ id: "d", idempotencyKey: "k" }]), [{ id: "d", outcome: "stored" }]);
    },
  },
  {
    title: "one call that gives an idempotency key twice stores one action",
    run: async bench => {
      deepEqual(
        await bench.enqueueAll([
          { id: "a", idempotencyKey: "k" },
          { id: "b", idempotencyKey: "k" },
          { id: "c", idempotencyKey: "other" },
        ]),
        [
          { id: "a", outcome: "stored" },
          { id: "a", outcome: "existing" },
          { id: "c", outcome: "stored" },
        ],
      );
      deepEqual(await (await bench.worker()).claimIds(), ["a", "c"]);
    },
  },
  {
    title: "100 enqueues of one idempotency key at once, through three openers, store one action and answer with one id",
    needs: "openers",
    run: async bench => {
      const stores = [bench.store, await bench.another(), await bench.another()];
      const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => bench.enqueueAll([{ idempotencyKey: "once" }], stores[n % 3])));
      equal(new Set(answers.map(([answer]) => answer!.id)).size, 1);
      equal(answers.filter(([answer]) => answer!.outcome === "stored").length, 1);
      equal((await bench.store.actions.list({})).actions.length, 1);
    },
  },
  {
    title: "calls that give two idempotency keys in opposite orders end, and store each once",
    needs: "openers",
    run: async bench => {
      const stores = [bench.store, await bench.another()];
      for (let round = 0; round < 10; round++) {
        const keys = [`a${round}`, `b${round}`];
        await Promise.all(
          Array.from({ length: 8 }, (_, n) =>
            bench.enqueueAll(
              (n % 2 === 0 ? keys : keys.toReversed()).map(idempotencyKey => ({ idempotencyKey })),
              stores[n % 2],
            ),
          ),
        );
      }
      equal((await bench.store.actions.list({})).actions.length, 20);
    },
  },
  {
    title: "texts come back as they were given: large, empty, and of every script",
    run: async bench => {
      const large = JSON.stringify({ text: "grüße 🌍 ".repeat(100_000) });
      const odd = JSON.stringify({ "\u0001\u2028": "'; DROP TABLE actions; -- \\ \" \u{10FFFF}\uFEFF", null: "\u0000" });
      await bench.enqueueAll([
        { id: "large", parameters: large, envelope: odd },
        { id: "empty", parameters: "", envelope: "" },
      ]);
      const worker = await bench.worker();
      const [first, second] = await worker.claim();
      equal(first!.parameters, large);
      equal(first!.envelope, odd);
      equal(second!.parameters, "");
      equal(second!.envelope, "");
      await bench.store.actions.progress([{ id: "large", fence: first!.fence, progress: odd }]);
      await worker.complete(first!, large);
      await worker.complete(second!, "");
      const [one, other] = [(await bench.get("large"))!, (await bench.get("empty"))!];
      equal(one.result, large);
      equal(one.progress, odd);
      equal(other.result, "");
    },
  },
  {
    title: "ids and keys are told apart by every character: case, accents, composition, width and spaces",
    run: async bench => {
      const texts = [
        "key",
        "KEY",
        "Key",
        "kéy",
        "ke\u0301y",
        "key ",
        " key",
        "key\n",
        "ｋey",
        "key%",
        "key_",
        "ke'y",
        'ke"y',
        "k\\ey",
        "ß",
        "ss",
        "i",
        "İ",
        "ı",
        "🙂",
        "🙃",
        "\u{1F600}\u200D",
        "x".repeat(200),
      ];
      const answers = await bench.enqueueAll(texts.map(text => ({ id: `id ${text}`, key: text, idempotencyKey: text })));
      deepEqual(answers, texts.map(text => ({ id: `id ${text}`, outcome: "stored" }))); // prettier-ignore
      const again = await bench.enqueueAll(texts.map(text => ({ idempotencyKey: text })));
      deepEqual(again, texts.map(text => ({ id: `id ${text}`, outcome: "existing" }))); // prettier-ignore
      deepEqual(await (await bench.worker()).claimIds(), texts.map(text => `id ${text}`)); // prettier-ignore
    },
  },
  {
    title: "what was stored is there for another opener at once",
    needs: "openers",
    run: async bench => {
      const other = await bench.another();
      const id = await bench.enqueue();
      equal((await other.actions.get([id])).length, 1);
      const worker = await bench.worker(other);
      const claimed = await worker.claimOne();
      equal(claimed.id, id);
      await worker.complete(claimed, '"done"');
      equal((await bench.get(id))?.result, '"done"');
    },
  },
  {
    title: "a claimed action carries all it was stored with, its attempt and its fence",
    run: async bench => {
      const id = await bench.enqueue({ parameters: "[1]", envelope: '{"e":1}', priority: 4, attempts: 9 });
      const stored = (await bench.get(id))!;
      const { fence, ...claimed } = await (await bench.worker()).claimOne();
      ok(Number.isSafeInteger(fence));
      deepEqual(claimed, {
        id,
        queue: work,
        parameters: "[1]",
        envelope: '{"e":1}',
        priority: 4,
        attempt: 1,
        attempts: 9,
        enqueuedAt: stored.enqueuedAt,
        suspect: false,
      });
    },
  },
  {
    title: "what is stored at 50 at once keeps every action",
    run: async bench => {
      const calls = Array.from({ length: 50 }, (_, n) => bench.enqueueAll(Array.from({ length: 10 }, (_, m) => ({ id: `${n}/${m}` }))));
      await Promise.all(calls);
      const claimed = await (await bench.worker()).claimIds({ most: 1_000 });
      equal(new Set(claimed).size, 500);
      for (let n = 0; n < 50; n++) {
        const own = claimed.filter(id => id.startsWith(`${n}/`));
        deepEqual(own, Array.from({ length: 10 }, (_, m) => `${n}/${m}`), "those of one call are handed out in their order"); // prettier-ignore
      }
    },
  },
  {
    title: "a turn that is asked for in one go with the storing hands out what is stored, in the order of asking, where the store says so",
    run: async bench => {
      if (bench.store.inOrder !== true) return; // it says nothing of the kind
      const worker = await bench.worker();
      for (const change of [{ id: "plain" }, { id: "of a key", key: "k" }, { id: "known twice", idempotencyKey: "i" }]) {
        const [stored, claimed] = await Promise.all([bench.enqueueAll([change]), worker.claim()]);
        deepEqual(stored, [{ id: change.id, outcome: "stored" }]);
        deepEqual(claimed.map(({ id, attempt }) => `${id} ${attempt}`), [`${change.id} 1`]); // prettier-ignore
        await worker.complete(claimed[0]!);
      }
      const [later, none] = await Promise.all([bench.enqueueAll([{ id: "later", delay: 60_000 }]), worker.claim()]);
      deepEqual([later.length, none.length], [1, 0]);
    },
  },
];
