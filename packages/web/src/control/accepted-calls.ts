import type { HostControl } from "@sora/core/adapter";
import { SoraError } from "@sora/core";
import { problemInside } from "../http/http-problem.ts";
import { jsonText, withMember } from "../http/json-text.ts";
import { toProblem } from "../http/to-problem.ts";
import { json, jsonReply } from "../routing/reply.ts";
import { OutcomeShelf } from "./outcome-shelf.ts";
import type { AcceptedCall, CallOutcome } from "../answers/call-answers.ts";
import type { HttpProblem } from "../http/http-problem.ts";
import type { Exchange } from "../routing/exchange.ts";
import type { Reply } from "../routing/reply.ts";

/** A call that was answered before it ended. */
export interface CallUnderWay {
  readonly id: string;
  readonly service: string;
  readonly action: string;
  readonly correlationId: string;
}

type Outcome =
  | { readonly state: "running" }
  | { readonly state: "completed"; readonly finishedAt: number; readonly result: string | undefined }
  | { readonly state: "failed"; readonly finishedAt: number; readonly error: HttpProblem };

class Kept {
  readonly call: CallUnderWay;
  readonly acceptedAt: number;
  outcome: Outcome = { state: "running" };

  constructor(call: CallUnderWay, acceptedAt: number) {
    this.call = call;
    this.acceptedAt = acceptedAt;
  }

  get finished(): boolean {
    return this.outcome.state !== "running";
  }

  get size(): number {
    return this.outcome.state === "completed" ? (this.outcome.result?.length ?? 0) : 0;
  }
}

/** Whether the client asked not to wait (RFC 7240). */
export function wantsLater(request: Exchange): boolean {
  const prefer = request.header("prefer");
  return prefer !== undefined && /(?:^|,)[ \t]*respond-async[ \t]*(?:[;,]|$)/i.test(prefer);
}

/** The calls of one control plane that were answered with 202, and what has become of them: the last thousand, in this process alone. */
export class AcceptedCalls {
  readonly #control: HostControl;
  readonly #calls: OutcomeShelf<Kept>;

  constructor(control: HostControl, bounds: { readonly entries: number; readonly size: number } = { entries: 1_000, size: 32 * 1024 * 1024 }) {
    this.#control = control;
    this.#calls = new OutcomeShelf(bounds);
  }

  /**
   * Lets `begin` run and answers 202 with a `Location` where its outcome will be. `ended` is told of it then, with the code of a failure.
   *
   * @throws SoraError `SORA_OVERLOADED` where a thousand accepted calls are under way; `begin` has not been called.
   */
  accept(
    request: Exchange,
    { service, action, correlationId }: Omit<CallUnderWay, "id">,
    begin: () => Promise<unknown>,
    ended: (call: CallUnderWay, code: string | undefined) => void,
  ): Reply {
    const { clock, ids } = this.#control;
    const call: CallUnderWay = { id: ids.next(), service, action, correlationId };
    const kept = new Kept(call, clock.now());
    if (!this.#calls.add(call.id, kept)) throw new SoraError("SORA_OVERLOADED", "Cannot accept the call: as many as are kept are under way already.");
    const finish = (outcome: Outcome, code?: string): void => {
      kept.outcome = outcome;
      this.#calls.finish(call.id, kept);
      ended(call, code);
    };
    begin()
      .then(jsonText)
      .then(
        result => finish({ state: "completed", finishedAt: clock.now(), result }),
        (thrown: unknown) => {
          const error = toProblem(thrown, call);
          finish({ state: "failed", finishedAt: clock.now(), error }, error.code);
        },
      );
    return json<AcceptedCall>({ id: call.id, state: "running", correlationId }, 202, {
      location: `${request.base}/api/calls/${call.id}`,
      "preference-applied": "respond-async",
      "x-correlation-id": correlationId,
    });
  }

  /** What has become of an accepted call; `undefined` for one that is not, or no longer, known. */
  find(id: string): Reply | undefined {
    const kept = this.#calls.get(id);
    if (kept === undefined) return undefined;
    const { call, acceptedAt, outcome } = kept;
    const shown = { ...call, state: outcome.state, acceptedAt };
    if (outcome.state === "running") return json<CallOutcome>(shown, 200, { "retry-after": "1" });
    const { finishedAt } = outcome;
    if (outcome.state === "failed") return json<CallOutcome>({ ...shown, finishedAt, error: problemInside(outcome.error) });
    return jsonReply(withMember(JSON.stringify({ ...shown, finishedAt }), "result", outcome.result));
  }
}
