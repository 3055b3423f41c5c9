import type { HostControl } from "@sora/core/adapter";
import { problemReply } from "../http/http-problem.ts";
import { toProblem } from "../http/to-problem.ts";
import { json } from "../routing/reply.ts";
import type { Exchange } from "../routing/exchange.ts";
import type { Reply } from "../routing/reply.ts";

/** A call that was answered before it ended. */
interface AcceptedCall {
  readonly id: string;
  readonly action: string;
  readonly correlationId: string;
  readonly acceptedAt: number;
  state: "running" | "completed" | "failed";
  finishedAt?: number;
  result?: unknown;
  error?: unknown;
}

const kept = 1_000;
const books = new WeakMap<HostControl, Map<string, AcceptedCall>>();

/** Whether the client asked not to wait (RFC 7240). */
export function wantsLater(request: Exchange): boolean {
  return /(?:^|,)\s*respond-async\s*(?:;|,|$)/i.test(request.header("prefer") ?? "");
}

/** 202 with a `Location` where the outcome will be; it is kept in this process among the last thousand. */
export function acceptLater(control: HostControl, action: string, correlationId: string, result: Promise<unknown>): Reply {
  const call: AcceptedCall = { id: control.ids.next(), action, correlationId, acceptedAt: control.clock.now(), state: "running" };
  const book = bookOf(control);
  book.set(call.id, call);
  if (book.size > kept) book.delete(book.keys().next().value as string);
  result.then(
    value => Object.assign(call, { state: "completed", result: value, finishedAt: control.clock.now() }),
    (error: unknown) => Object.assign(call, { state: "failed", error, finishedAt: control.clock.now() }),
  );
  return json({ id: call.id, state: "running", correlationId }, 202, { location: `/api/calls/${call.id}`, "preference-applied": "respond-async", "x-correlation-id": correlationId });
}

/** What became of an accepted call; `undefined` for one that is not, or no longer, known. */
export function acceptedCall(control: HostControl, id: string): Reply | undefined {
  const call = bookOf(control).get(id);
  if (call === undefined) return undefined;
  const { error, ...shown } = call;
  if (call.state !== "failed") return json(shown);
  const problem = problemReply(toProblem(error));
  return json({ ...shown, error: problem.kind === "json" ? problem.body : undefined });
}

function bookOf(control: HostControl): Map<string, AcceptedCall> {
  let book = books.get(control);
  if (book === undefined) books.set(control, (book = new Map()));
  return book;
}
