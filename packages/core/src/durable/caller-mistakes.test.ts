import { describe, expect, test } from "vitest";
import { defineService } from "../index.ts";
import { createMemoryStore, createTestHost } from "../testing/index.ts";
import type { TestHost } from "../testing/index.ts";

// What a caller gets wrong is refused before any store is asked: each store would refuse it in another way, or not at all.

const Work = defineService("Work", { actions: { go: async () => {} } });
const go = (host: TestHost) => host.services(Work).do("go");
const each = (host: TestHost, items: unknown) => host.services(Work).doEach("go", items as never);
const holed: unknown[] = ["a"];
holed[2] = "c";

type Mistake = readonly [title: string, make: (host: TestHost) => unknown, message: string];

const cannotList = "Cannot list stored actions";
const mistakes: readonly Mistake[] = [
  [
    "withMetadata(string)",
    host => go(host).withMetadata("abc" as never),
    'Cannot use this metadata: "abc" was given; it is an object, such as { tenant: "acme" }.',
  ],
  ["outbox.dead(NaN)", host => host.outbox.dead(Number.NaN), "Cannot list dead messages: NaN was given; a page holds a whole number of them, at least one."],
  ["outbox.dead(-1)", host => host.outbox.dead(-1), "Cannot list dead messages: -1 was given; a page holds a whole number of them, at least one."],
  ["outbox.retry([1.5])", host => host.outbox.retry([1, 1.5]), "Cannot publish dead messages after all: 1.5 was given; a sequence is a whole number."],
  ["outbox.retry(string)", host => host.outbox.retry("12" as never), 'Cannot publish dead messages after all: "12" was given; their sequences are an array.'],
  [
    "outbox.append(undefined)",
    host => host.outbox.append<string>(undefined as never, 1),
    "Cannot use this topic: undefined was given; it is an event, or a string of 1 to 200 characters, without U+0000 and halves of characters.",
  ],
  [
    "outbox.append(class)",
    host => host.outbox.append<string>(class Mail {} as never, 1),
    "Cannot use this topic: a function was given; it is an event, or a string of 1 to 200 characters, without U+0000 and halves of characters.",
  ],
  [
    "outbox.append(topic, payload, null)",
    host => host.outbox.append("topic", 1, null as never),
    "Cannot write to the outbox: null was given; its options are an object, such as { transaction, key }.",
  ],
  [
    "schedules.list({ limit: 1e300 })",
    host => host.schedules.list({ limit: 1e300 }),
    "Cannot list schedules: 1e+300 was given; a page holds a whole number of them, at least one.",
  ],
  [
    "schedules.list({ service: {} })",
    host => host.schedules.list({ service: {} as never }),
    'Cannot tell which service is meant: an object was given; its name is 1 to 64 ASCII letters, digits, "-" or "_".',
  ],
  [
    "receipt.result(null)",
    host => host.actions.receipt("1").result(null as never),
    "Cannot wait for the result: null was given; its options are an object, such as { signal }.",
  ],
  [
    "receipt.result({ signal: 5 })",
    host => host.actions.receipt("1").result({ signal: 5 as never }),
    "Cannot cancel by this: 5 was given; it is an AbortSignal.",
  ],
  [
    "batch.results(null)",
    async host => (await each(host, ["a"]).enqueue()).results(null as never),
    "Cannot wait for the result: null was given; its options are an object, such as { signal }.",
  ],
  [
    "schedules.list(null)",
    host => host.schedules.list(null as never),
    "Cannot list schedules: null was given; the filter is an object with service, limit or cursor.",
  ],
  [
    "actions.list({ action: {} })",
    host => host.actions.list({ action: {} as never }),
    'Cannot tell which action is meant: an object was given; its name is 1 to 64 ASCII letters, digits, "-" or "_".',
  ],
  [
    "actions.list({ service: U+0000 })",
    host => host.actions.list({ service: "\0" }),
    'Cannot tell which service is meant: "\\u0000" was given; its name is 1 to 64 ASCII letters, digits, "-" or "_".',
  ],
  [
    "actions.list({ state: {} })",
    host => host.actions.list({ state: Object.create(null) as never }),
    `${cannotList}: an object was given; the states are waiting, delayed, running, completed, failed, dead, cancelled.`,
  ],
  [
    "actions.list({ limit: {} })",
    host => host.actions.list({ limit: Object.create(null) as never }),
    `${cannotList}: an object was given; a page holds 1 to 1,000 of them.`,
  ],
  [
    "actions.list({ cursor: 5 })",
    host => host.actions.list({ cursor: 5 as never }),
    `${cannotList}: 5 was given; \`cursor\` is what the page before gave as \`next\`.`,
  ],
  [
    "actions.list(string)",
    host => host.actions.list("dead" as never),
    `${cannotList}: "dead" was given; the filter is an object with state, service, action, limit or cursor.`,
  ],
  ["doEach(null)", host => each(host, null), "Cannot enqueue one action for each item: null was given; the items are an array."],
  ["doEach(string)", host => each(host, "abc"), 'Cannot enqueue one action for each item: "abc" was given; the items are an array.'],
  ["doEach(Set)", host => each(host, new Set(["a"])), "Cannot enqueue one action for each item: an object was given; the items are an array."],
  [
    "doEach(array with a hole)",
    host => each(host, holed),
    "Cannot enqueue one action for each item: a list was given; its item 1 is missing, and an item without parameters is `undefined`.",
  ],
  [
    "schedule(id)",
    host => go(host).schedule("x", undefined as never),
    "Cannot schedule: undefined was given; when is said by an object with either `cron` or `every`.",
  ],
  ["enqueue(5)", host => go(host).enqueue(5 as never), "Cannot enqueue: one of its options is wrong.\n  - its options are 5; they are an object"],
  [
    "enqueue({ transation })",
    host => go(host).enqueue({ transation: {} } as never),
    "Cannot enqueue: one of its options is wrong.\n  - transation is no option of enqueue(); did you mean transaction?",
  ],
  [
    "doEach enqueue({ transation })",
    host => each(host, ["a"] as never).enqueue({ transation: {} } as never),
    "Cannot enqueue: one of its options is wrong.\n  - transation is no option of enqueue(); did you mean transaction?",
  ],
  ["withDebounce()", host => go(host).withDebounce(undefined as never), 'Cannot debounce: undefined was given; how long to wait is given as { wait: "5s" }.'],
  [
    "withKey(key, null)",
    host => go(host).withKey("k", null as never),
    "Cannot use this key: null was given; its options are an object, such as { concurrency: 2 }.",
  ],
];

test.each(mistakes)("%s is refused by name", async (_title, make, message) => {
  await using host = await createTestHost({ services: [Work] });
  await expect((async () => make(host))()).rejects.toMatchObject({ code: "SORA_OPTION_INVALID", message });
});

const doorsByAction: readonly (readonly [string, (host: TestHost, id: string) => unknown])[] = [
  ["receipt", (host, id) => host.actions.receipt(id).status()],
  ["result", (host, id) => host.actions.receipt(id).result()],
  ["get", (host, id) => host.actions.get(id)],
  ["parameters", (host, id) => host.actions.parameters(id)],
  ["cancel", (host, id) => host.actions.cancel(id)],
  ["retry", (host, id) => host.actions.retry(id)],
];
const doorsBySchedule: readonly (readonly [string, (host: TestHost, id: string) => unknown])[] = (["get", "pause", "resume", "remove"] as const).map(verb => [
  verb,
  (host, id) => host.schedules[verb](id),
]);

test.each(["nothing", ""])("no action of the id %o is told with the id in quotes", async id => {
  await using host = await createTestHost({ services: [Work] });
  await expect(host.actions.receipt(id).status()).rejects.toMatchObject({ code: "SORA_ACTION_NOT_STORED", message: `There is no stored action "${id}".` });
});

test("a call with what only a stored action has is refused with what was given", async () => {
  await using host = await createTestHost({ services: [Work] });
  const call = (step: unknown) => (step as { execute(): Promise<unknown> }).execute();
  const refusal = (given: string) => ({ code: "SORA_OPTION_INVALID", message: `Cannot execute a call with what only a stored action has: ${given}.` });
  await expect(call(go(host).withDelay("1s").at(0).withKey("k"))).rejects.toMatchObject(refusal("`at()`, `withKey()`"));
  await expect(call(go(host).do("go").withDeadline("1s"))).rejects.toMatchObject(refusal("`withDeadline()`"));
});

test("the status of an action has its key as it was given", async () => {
  await using host = await createTestHost({ services: [Work] });
  expect(await (await go(host).withKey("k").enqueue()).status()).toMatchObject({ service: "Work", key: "k" });
});

describe.each([
  ["stored action", "SORA_ACTION_NOT_STORED", doorsByAction],
  ["schedule", "SORA_SCHEDULE_UNKNOWN", doorsBySchedule],
] as const)("an id of a %s", (of, unknown, doors) => {
  test.each(doors)("that is no string is refused by %s", async (_title, ask) => {
    await using host = await createTestHost({ services: [Work] });
    for (const [id, seen] of [
      [undefined, "undefined"],
      [5, "5"],
    ])
      await expect((async () => ask(host, id as never))()).rejects.toMatchObject({
        code: "SORA_OPTION_INVALID",
        message: `Cannot tell which ${of} is meant: ${seen} was given; its id is a string.`,
      });
  });

  test.each(doors)("that holds U+0000 exists nowhere, for %s too", async (_title, ask) => {
    await using host = await createTestHost({ services: [Work], store: withoutNull() });
    await expect((async () => ask(host, "a\0b"))()).rejects.toMatchObject({ code: unknown });
  });
});

/** A store that refuses U+0000, as PostgreSQL does. */
function withoutNull(): ReturnType<typeof createMemoryStore> {
  const store = createMemoryStore();
  const refuse = async (): Promise<never> => {
    throw new Error("invalid byte sequence for encoding");
  };
  Object.assign(store.actions, { get: refuse, retry: refuse, cancel: refuse });
  Object.assign(store.schedules, { get: refuse, setPaused: refuse, remove: refuse });
  return store;
}
