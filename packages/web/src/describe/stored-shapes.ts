import { actionStates } from "@sora/core/adapter";
import { countedStates } from "../answers/queue-answers.ts";
import { anyValue, at, count, flag, oneOf, shape, text, time } from "./shape.ts";
import { reference } from "./schema-book.ts";
import type { ActionStatus } from "@sora/core";
import type { CancelAnswer } from "../answers/action-answers.ts";
import type { StoredAnswers } from "../answers/control-answers.ts";
import type { CountedState, StoredQueue } from "../answers/queue-answers.ts";
import type { StoredSchedule } from "../answers/schedule-answers.ts";
import type { ScheduleBody } from "../control/schedule-body.ts";
import type { JsonSchema } from "./json-schema.ts";
import type { Members } from "./shape.ts";

const state = oneOf(actionStates);
/** The compiler sees to it that none is missing. */
const cancelOutcomes = Object.keys({ cancelled: true, requested: true, finished: true } satisfies Record<CancelAnswer["outcome"], true>);
const next: JsonSchema = { type: "string", description: "`cursor` of the next page; absent on the last." };
const number: JsonSchema = { type: "number" };
const instant = (description: string): JsonSchema => ({ type: "number", description: `${description}, in milliseconds since the epoch.` });

const action: ActionStatus = {
  id: "c4x0v1e9k2a0100",
  service: "TranslationService",
  action: "translate",
  version: 1,
  state: "failed",
  priority: 0,
  attempt: 2,
  attempts: 5,
  enqueuedAt: at,
  dueAt: at + 90_000,
  startedAt: at + 60_000,
  error: { message: "Error: the translator does not answer", attempt: 2, at: at + 61_000 },
  correlationId: "4bf92f3577b34da6a3ce929d0e0e4736",
  cancelRequested: false,
};
const queue: StoredQueue = {
  service: "TranslationService",
  action: "translate",
  version: 1,
  waiting: 3,
  delayed: 0,
  running: 1,
  failed: 0,
  dead: 1,
  cancelled: 0,
  paused: false,
  unclaimable: false,
};
const schedule: StoredSchedule = {
  id: "tenant-7",
  service: "Reports",
  action: "send",
  cron: "0 3 * * *",
  timeZone: "Europe/Berlin",
  misfire: "skip",
  priority: 0,
  paused: false,
  nextAt: at,
  createdAt: at - 86_400_000,
};
const { error: _, ...withoutError } = action;
const misfire: JsonSchema = {
  description: "What becomes of ticks that passed while no host looked.",
  anyOf: [
    { enum: ["skip", "once"] },
    { type: "object", required: ["all"], properties: { all: { type: "integer", minimum: 1, maximum: 1_000 } }, additionalProperties: false },
  ],
};

const actionMembers: Members<ActionStatus> = {
  id: text,
  service: text,
  action: text,
  version: { type: "integer", minimum: 1, description: "Of its parameters." },
  state,
  priority: number,
  attempt: { ...count, description: "Attempts begun." },
  attempts: { type: "integer", minimum: 1, description: "Attempts allowed, the first included." },
  enqueuedAt: instant("When it was stored"),
  dueAt: instant("When it may begin, or might have"),
  "startedAt?": instant("When the latest attempt began"),
  "finishedAt?": instant("When it had its outcome"),
  "error?": reference("StoredError"),
  "progress?": { description: "What its handler last told." },
  "key?": { type: "string", description: "By which it keeps its order." },
  "correlationId?": text,
  cancelRequested: flag,
};

/** Stored work as the control plane answers with it, by names in `components.schemas`. */
export const storedShapes: Readonly<Record<keyof StoredAnswers | "NewSchedule" | "OutboxRetry", JsonSchema>> = {
  StoredError: shape<StoredAnswers["StoredError"]>(
    { message: text, "code?": text, attempt: { type: "integer", minimum: 1, description: "The attempt that failed." }, at: time("When it failed") },
    "Why an attempt failed.",
  ),
  StoredAction: shape<StoredAnswers["StoredAction"]>(actionMembers, "A stored action as it stands; not what it was called with.", action),
  StoredActionOutcome: shape<StoredAnswers["StoredActionOutcome"]>(
    {
      ...actionMembers,
      "parameters?": { description: "What it was called with, secrets taken out; there only where the action has `visibleParameters`." },
      "result?": { description: "What a completed action returned; of a chain, what each step did. Absent where it returned nothing." },
    },
    "A stored action as it stands, with its result once it has one.",
    { ...withoutError, state: "completed", attempt: 3, startedAt: at + 90_000, finishedAt: at + 90_500, result: { characters: 12 } },
  ),
  StoredActionPage: shape<StoredAnswers["StoredActionPage"]>(
    { actions: { type: "array", items: reference("StoredAction") }, "next?": next },
    "Stored actions, the last stored first.",
    {
      actions: [action],
      next: "4711",
    },
  ),
  StoredCall: shape<StoredAnswers["StoredCall"]>({ id: text, state, correlationId: text }, "A call that is stored, and will happen.", {
    id: "c4x0v1e9k2a0100",
    state: "waiting",
    correlationId: "4bf92f3577b34da6a3ce929d0e0e4736",
  }),
  CancelAnswer: shape<StoredAnswers["CancelAnswer"]>(
    {
      id: text,
      outcome: { ...oneOf(cancelOutcomes), description: "Done; asked of the worker that runs it; or it had its outcome already." },
    },
    "What a request to cancel came to.",
    { id: "c4x0v1e9k2a0100", outcome: "requested" },
  ),
  RetryAnswer: shape<StoredAnswers["RetryAnswer"]>(
    { id: text, before: { ...state, description: "The state it was in." }, retried: { ...flag, description: "False where that state is left as it is." } },
    "What a request to try again came to.",
    { id: "c4x0v1e9k2a0100", before: "dead", retried: true },
  ),
  StoredQueue: shape<StoredAnswers["StoredQueue"]>(
    {
      service: text,
      action: text,
      version: { type: "integer", minimum: 1 },
      ...(Object.fromEntries(countedStates.map(one => [one, count])) as Record<CountedState, JsonSchema>),
      paused: flag,
      unclaimable: { ...flag, description: "Whether no worker of the store can run what waits here." },
    },
    "Stored calls of one action by state; the completed ones are not counted.",
    queue,
  ),
  PausedQueue: shape<StoredAnswers["PausedQueue"]>({ service: text, "action?": text }, "A service whose stored actions are not begun, or one action of it.", {
    service: "Reports",
  }),
  StoredQueues: shape<StoredAnswers["StoredQueues"]>(
    {
      "store?": { type: "string", description: "The store, for people; absent where the host has none." },
      workers: { ...count, description: "Workers on the store." },
      running: { ...count, description: "Stored actions under way on this host." },
      concurrency: { ...count, description: "How many may be; 0 where other hosts do the work." },
      queues: { type: "array", items: reference("StoredQueue") },
      paused: { type: "array", items: reference("PausedQueue") },
    },
    "What is stored, and who works on it.",
    { store: "SQLite .sora/sora.db", workers: 1, running: 1, concurrency: 10, queues: [queue], paused: [] },
  ),
  QueueAnswer: shape<StoredAnswers["QueueAnswer"]>({ service: text, "action?": text, paused: flag }, "What was paused or resumed.", {
    service: "Reports",
    paused: true,
  }),
  StoredSchedule: shape<StoredAnswers["StoredSchedule"]>(
    {
      id: text,
      service: text,
      action: text,
      "cron?": text,
      "timeZone?": text,
      "every?": { type: "number", description: "Milliseconds." },
      "misfire?": misfire,
      priority: { ...number, description: "Of what it enqueues; higher first." },
      paused: flag,
      "nextAt?": instant("When it is due next; absent while it is paused, and where no tick is left"),
      "lastAt?": instant("The tick it last moved on from"),
      createdAt: instant("When it was made"),
      "error?": shape<NonNullable<StoredSchedule["error"]>>(
        { message: text, "code?": text },
        "Why it cannot be fired: what it was stored with is damaged, or of a newer version. Then it may have neither `cron` nor `every`.",
      ),
    },
    "A schedule; never what its action is called with.",
    schedule,
  ),
  StoredSchedulePage: shape<StoredAnswers["StoredSchedulePage"]>(
    { schedules: { type: "array", items: reference("StoredSchedule") }, "next?": next },
    "Schedules by id.",
    { schedules: [schedule] },
  ),
  NewSchedule: {
    ...shape<ScheduleBody>(
      {
        service: text,
        action: text,
        "parameters?": { ...anyValue, description: "What the action is called with. Where they are left out, those that the schedule has are kept." },
        "cron?": { type: "string", description: "Five fields, or six with seconds first." },
        "timeZone?": { type: "string", description: "IANA name; of a cron expression only. Default UTC." },
        "every?": { anyOf: [text, number], description: "An interval of at least 1 s, such as `1h`, or in milliseconds." },
        "misfire?": misfire,
        "priority?": { ...number, description: "Of what it enqueues; higher first. Where it is left out, the one that the schedule has is kept, else 0." },
        "id?": { type: "string", description: "As in the path." },
        "paused?": { ...flag, description: "As it is; pausing and resuming change it." },
        "nextAt?": { ...number, description: "Passed over." },
        "lastAt?": { ...number, description: "Passed over." },
        "createdAt?": { ...number, description: "Passed over." },
        "error?": { ...anyValue, description: "Passed over." },
      },
      "Which action is called when. One of `cron` and `every` is given. What a schedule is answered with may be sent back, changed.",
      { service: "Reports", action: "send", parameters: { tenant: "7" }, cron: "0 3 * * *", timeZone: "Europe/Berlin" },
    ),
    additionalProperties: false,
  },
  DeadMessage: shape<StoredAnswers["DeadMessage"]>(
    { sequence: count, id: text, topic: text, "key?": text, failures: count, error: text, writtenAt: instant("When it was written") },
    "A message that could not be published, and why; never what it says.",
  ),
  OutboxState: shape<StoredAnswers["OutboxState"]>(
    { waiting: count, dead: count, messages: { type: "array", items: reference("DeadMessage") } },
    "The outbox.",
    {
      waiting: 3,
      dead: 1,
      messages: [{ sequence: 41, id: "c4x0v1e9k2a0101", topic: "OrderPlaced", key: "order-7", failures: 10, error: "Error: 404", writtenAt: at }],
    },
  ),
  OutboxRetry: {
    ...shape<{ sequences?: number[]; all?: true }>(
      { "sequences?": { type: "array", items: count, maxItems: 1_000 }, "all?": { const: true } },
      "Which dead messages: these, or all.",
      {
        sequences: [41],
      },
    ),
    additionalProperties: false,
  },
  OutboxRetryAnswer: shape<StoredAnswers["OutboxRetryAnswer"]>({ retried: count }, "How many are tried again.", { retried: 1 }),
};
