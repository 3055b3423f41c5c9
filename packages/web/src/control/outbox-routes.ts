import type { HostControl } from "@sora/core/adapter";
import { redactText } from "@sora/core/adapter";
import { refusal } from "../http/http-problem.ts";
import { withJson } from "../http/json-body.ts";
import { json } from "../routing/reply.ts";
import { limitFrom } from "../routing/read-query.ts";
import type { OutboxRetryAnswer, OutboxState } from "../answers/outbox-answers.ts";
import type { BodyLimits } from "../http/json-body.ts";
import type { Route } from "../routing/route.ts";

/** Dead messages that are read at once, to be tried again. */
const page = 1_000;

/** The outbox: how much waits, what could not be published, and having that tried again. */
export function outboxRoutes(control: HostControl, limits: BodyLimits): Route[] {
  return [
    {
      method: "GET",
      path: "/api/outbox",
      scope: "read",
      summary: "Counts the outbox, and lists the messages that could not be published",
      query: ["limit"],
      handle: async ({ query }) => {
        const limit = limitFrom(query["limit"]);
        if (!control.hasStore()) return json<OutboxState>({ waiting: 0, dead: 0, messages: [] });
        const [counts, messages] = await Promise.all([control.outbox.counts(), control.outbox.dead(limit)]);
        return json<OutboxState>({ ...counts, messages: messages.map(message => ({ ...message, error: redactText(message.error) })) });
      },
    },
    {
      method: "POST",
      path: "/api/outbox/retry",
      scope: "operate",
      summary: "Has messages that could not be published tried again, in their old place",
      body: true,
      handle: ({ request }) =>
        withJson(request, limits, async body => {
          const sequences = sequencesIn(body);
          if (!control.hasStore()) return json<OutboxRetryAnswer>({ retried: 0 });
          return json<OutboxRetryAnswer>({ retried: sequences === "all" ? await retryAll(control) : await control.outbox.retry(sequences) });
        }),
    },
  ];
}

/** Those that are dead now. One that dies again meanwhile is not tried a second time. */
async function retryAll({ outbox }: HostControl): Promise<number> {
  const seen = new Set<number>();
  let retried = 0;
  for (;;) {
    // those seen may be dead again, and are listed first
    const found = (await outbox.dead(page + seen.size)).map(({ sequence }) => sequence).filter(sequence => !seen.has(sequence));
    if (found.length === 0) return retried;
    for (const sequence of found) seen.add(sequence);
    retried += await outbox.retry(found);
  }
}

/** @throws HttpProblem 400 for anything but `{ sequences: [1, 2] }` and `{ all: true }`. */
function sequencesIn(body: unknown): readonly number[] | "all" {
  const { sequences, all, ...others } = (typeof body === "object" && body !== null ? body : { others: true }) as Record<string, unknown>;
  if (Object.keys(others).length === 0) {
    if (all === true && sequences === undefined) return "all";
    if (all === undefined && Array.isArray(sequences) && sequences.length <= page && sequences.every(isSequence)) return sequences;
  }
  throw refusal("SORA_BODY_INVALID", `The body is { "sequences": [1, 2] } with at most ${page} numbers of dead messages, or { "all": true }.`, {
    errors: [{ pointer: sequences === undefined ? "" : "/sequences", message: "expected whole numbers" }],
  });
}

function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
