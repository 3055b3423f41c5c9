import { actionStates } from "@sora/core/adapter";
import { limits } from "@sora/core/internal";
import { jsonAnswer } from "./json-answer.ts";
import { reference } from "./schema-book.ts";
import { oneOf, text } from "./shape.ts";
import type { RouteContract } from "./route-contracts.ts";

/** A store that cannot be reached, and what else may happen on the way to it. */
const storeProblems: readonly number[] = [400, 500, 503];
const named: readonly number[] = [400, 404, 500, 503];
const sent: readonly number[] = [400, 404, 413, 415, 500, 503];

const page = {
  limit: { description: `How many a page holds. Default ${limits.usualPage}.`, schema: { type: "integer", minimum: 1, maximum: limits.page } },
  cursor: { description: "`next` of the page before.", schema: text },
};
const service = { description: "Of this service, whatever the case.", schema: text };
const actionId = { id: { type: "string", pattern: "^[\\w.~-]{1,200}$" } };
const scheduleId = { id: { type: "string", minLength: 1, maxLength: limits.keyLength } };
const pause = (id: string, description: string): RouteContract => ({ id, answers: { 200: jsonAnswer("QueueAnswer", description) }, problems: named });
const ofSchedule = (id: string, description: string): RouteContract => ({
  id,
  answers: { 200: jsonAnswer("StoredSchedule", description) },
  problems: named,
  path: scheduleId,
});

const period = { anyOf: [text, { type: "integer", minimum: 0 }] };

/** What the query may say of a call of an action that is stored, with `Prefer: respond-async`. */
export const storedCallQuery: NonNullable<RouteContract["query"]> = {
  delay: { description: "Stored calls: begins no earlier; an interval such as `10m`, or milliseconds.", schema: period },
  deadline: { description: "Stored calls: does not begin later, counted from now; an interval such as `1h`, or milliseconds.", schema: period },
  key: { description: "Stored calls: those of one key run one after the other, in order.", schema: { ...text, minLength: 1, maxLength: limits.keyLength } },
  priority: { description: "Stored calls: higher first.", schema: { type: "integer", minimum: -limits.priority, maximum: limits.priority } },
  attempts: { description: "Stored calls: how often it may be begun in all.", schema: { type: "integer", minimum: 1, maximum: limits.attempts } },
};

/** Contracts of the routes of stored work. */
export const storedContracts: Readonly<Record<string, RouteContract>> = {
  "GET /api/actions": {
    id: "listActions",
    answers: { 200: jsonAnswer("StoredActionPage", "A page of stored actions.") },
    problems: storeProblems,
    query: {
      state: { description: "In this state.", schema: oneOf(actionStates) },
      service,
      action: { description: "Of this name.", schema: text },
      ...page,
    },
  },
  "GET /api/actions/:id": {
    id: "getAction",
    answers: { 200: jsonAnswer("StoredActionOutcome", "The stored action; of a chain, the step it has come to.") },
    problems: named,
    path: actionId,
  },
  "POST /api/actions/:id/cancel": {
    id: "cancelAction",
    answers: { 200: jsonAnswer("CancelAnswer", "What it came to.") },
    problems: named,
    path: actionId,
  },
  "POST /api/actions/:id/retry": { id: "retryAction", answers: { 200: jsonAnswer("RetryAnswer", "What it came to.") }, problems: named, path: actionId },
  "GET /api/queues": { id: "listQueues", answers: { 200: jsonAnswer("StoredQueues", "What is stored, and who works on it.") }, problems: [500, 503] },
  "POST /api/queues/:service/pause": pause("pauseQueuesOfService", "Nothing more of the service is begun."),
  "POST /api/queues/:service/resume": pause("resumeQueuesOfService", "Its stored actions are begun again, but for those that are paused by themselves."),
  "POST /api/queues/:service/actions/:action/pause": pause("pauseQueue", "No stored call of the action is begun."),
  "POST /api/queues/:service/actions/:action/resume": pause("resumeQueue", "Stored calls of the action are begun again, unless all of the service is paused."),
  "GET /api/schedules": {
    id: "listSchedules",
    answers: { 200: jsonAnswer("StoredSchedulePage", "A page of schedules.") },
    problems: storeProblems,
    query: { service, ...page },
  },
  "GET /api/schedules/:id": ofSchedule("getSchedule", "The schedule."),
  "PUT /api/schedules/:id": {
    id: "putSchedule",
    answers: { 200: jsonAnswer("StoredSchedule", "It has been changed."), 201: jsonAnswer("StoredSchedule", "It has been made.") },
    problems: sent,
    path: scheduleId,
    body: reference("NewSchedule"),
  },
  "DELETE /api/schedules/:id": { id: "deleteSchedule", answers: { 204: { description: "It is gone." } }, problems: named, path: scheduleId },
  "POST /api/schedules/:id/pause": ofSchedule("pauseSchedule", "The schedule, which enqueues nothing now."),
  "POST /api/schedules/:id/resume": ofSchedule("resumeSchedule", "The schedule, with its next tick."),
  "GET /api/outbox": {
    id: "getOutbox",
    answers: { 200: jsonAnswer("OutboxState", "How much waits, and what could not be published.") },
    problems: storeProblems,
    query: { limit: { ...page.limit, description: `How many dead messages are listed. Default ${limits.usualPage}.` } },
  },
  "POST /api/outbox/retry": {
    id: "retryOutbox",
    answers: { 200: jsonAnswer("OutboxRetryAnswer", "They are published after all, or die again.") },
    problems: sent,
    body: reference("OutboxRetry"),
  },
};
