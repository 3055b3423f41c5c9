import { isLimited } from "@sora/core/internal";
import type { ClaimedAction, ClaimRequest, QueueClaim, Settlement, StoredError, WorkerTurn, WorkerTurnAnswer } from "@sora/core/adapter";
import type { Ground } from "../connection/ground.ts";
import type { Statement } from "../connection/statement.ts";
import type { EnqueueActions } from "./enqueue-actions.ts";
import type { ClaimedColumns, TurnAnswer } from "./passenger-turn.ts";
import { turnCall } from "./passenger-turn.ts";

/** Turns of workers, each one exchange with the server. */
export class WorkerTurns {
  readonly #ground: Ground;
  readonly #enqueue: EnqueueActions;
  readonly #statement: Statement;
  /** What is asked for is the same from turn to turn. */
  readonly #names = new WeakMap<readonly QueueClaim[], readonly string[]>();

  constructor(ground: Ground, enqueue: EnqueueActions) {
    this.#ground = ground;
    this.#enqueue = enqueue;
    this.#statement = { name: "turn", text: `SELECT ${turnCall(ground.schema)} AS answer` };
  }

  async turn({ worker, settle, holds, claim }: WorkerTurn): Promise<WorkerTurnAnswer> {
    const first = new Map<string, Settlement>();
    for (const settlement of settle) if (!first.has(keyOf(settlement))) first.set(keyOf(settlement), settlement);
    const given = [...first.values()];
    const done = given.filter(isDropped);
    const values = [
      worker,
      done.length === 0 ? null : done.map(({ id }) => id),
      done.length === 0 ? null : done.map(({ fence }) => fence),
      jsonOf(given.filter(settlement => isOutcome(settlement) && !isDropped(settlement))),
      jsonOf(given.filter(settlement => !isOutcome(settlement))),
      holds ?? null,
      ...this.#asked(claim),
    ];
    const answer = (given.length === 0 && holds === undefined && claim !== undefined && (await this.#alongside(values))) || (await this.#byItself(values));
    const written = new Set(answer.settled === true ? first.keys() : answer.settled);
    this.#ring(given, written, answer);
    return {
      held: answer.held,
      settled: settle.map(settlement => written.delete(keyOf(settlement))),
      claimed: claimedActions(answer.claimed),
      now: answer.now,
      ...(typeof answer.dueIn === "number" && { dueIn: answer.dueIn }),
    };
  }

  async #byItself(values: readonly unknown[]): Promise<TurnAnswer> {
    return (await this.#ground.database.row<{ answer: TurnAnswer }>("take a worker's turn", this.#statement, values)).answer;
  }

  /** Together with what is being stored; undefined where nothing is, and where it could not be stored. It settles nothing, so that it holds no lock of a line that others store in. */
  #alongside(values: readonly unknown[]): Promise<TurnAnswer | undefined> {
    return new Promise((resolve, reject) => {
      const leftBehind = (): void => resolve(undefined);
      if (!this.#enqueue.accompany({ values, taken: resolve, leftBehind, failed: reject })) leftBehind();
    });
  }

  #asked(claim: ClaimRequest | undefined): readonly unknown[] {
    if (claim === undefined) return [null, null, null, null, null];
    const limits = claim.queues.filter(isLimited);
    return [this.#namesOf(claim.queues), claim.most, claim.ahead ?? 0, claim.suspect, limits.length === 0 ? null : JSON.stringify(limits)];
  }

  #namesOf(queues: readonly QueueClaim[]): readonly string[] {
    let names = this.#names.get(queues);
    if (names === undefined) this.#names.set(queues, (names = [...new Set(queues.map(({ queue }) => queue))]));
    return names;
  }

  #ring(given: readonly Settlement[], written: ReadonlySet<string>, { ended, ring, dueIn }: TurnAnswer): void {
    const settled = given.filter(settlement => written.has(keyOf(settlement)));
    const finished = [...settled.filter(isOutcome).map(({ id }) => id), ...(ended ?? [])];
    if (finished.length > 0) this.#ground.ring({ kind: "settled", ids: finished });
    // One that is tried again later may come due sooner than whoever asked last was told.
    const sooner = typeof dueIn !== "number" && settled.some(({ kind }) => kind === "failed");
    if (ring === true || sooner) this.#ground.ring({ kind: "ready" });
  }
}

/** As the server names what it has written. */
function keyOf({ id, fence }: Settlement): string {
  return `${fence}:${id}`;
}

function isOutcome({ kind }: Settlement): boolean {
  return kind !== "failed" && kind !== "released";
}

/** Completed, with nothing kept of it. */
function isDropped(settlement: Settlement): boolean {
  return settlement.kind === "completed" && settlement.keepFor <= 0;
}

/** As the server reads it, or null for nothing. */
function jsonOf(settlements: readonly Settlement[]): string | null {
  return settlements.length === 0 ? null : JSON.stringify(settlements.map(readable));
}

/** What somebody threw may say anything; U+0000 and halves of characters are none that PostgreSQL stores. */
function readable(settlement: Settlement): Settlement {
  if (!("error" in settlement) || settlement.error === undefined) return settlement;
  const { message } = settlement.error;
  if (message.isWellFormed() && !message.includes("\0")) return settlement;
  const error: StoredError = { ...settlement.error, message: message.toWellFormed().replaceAll("\0", "\uFFFD") };
  return { ...settlement, error };
}

function claimedActions(columns: ClaimedColumns | null | undefined): readonly ClaimedAction[] {
  if (columns === null || columns === undefined) return [];
  return columns.id.map((id, n) => ({
    id,
    queue: columns.queue[n] as string,
    ...(columns.parameters[n] !== null && { parameters: columns.parameters[n] as string }),
    envelope: columns.envelope[n] as string,
    priority: columns.priority[n] as number,
    attempt: columns.attempt[n] as number,
    attempts: columns.attempts[n] as number,
    fence: columns.fence[n] as number,
    enqueuedAt: columns.enqueuedAt[n] as number,
    suspect: columns.suspect[n] as boolean,
  }));
}
