import type { ClaimedAction, ClaimRequest, QueueClaim, Settlement, StoredError, WorkerTurn, WorkerTurnAnswer } from "@sora/core/adapter";
import type { Ground } from "../connection/ground.ts";
import type { Statement } from "../connection/statement.ts";

/** What the function `turn` answers. */
interface TurnAnswer {
  readonly held: boolean;
  /** Fences and ids. */
  readonly settled?: readonly string[] | null;
  /** Ids of those given back that were to be cancelled, and are. */
  readonly ended?: readonly string[] | null;
  readonly claimed?: readonly ClaimedRow[] | null;
  readonly now: number;
  readonly dueIn?: number | null;
  /** Whether more can be begun than was handed out. */
  readonly ring?: boolean;
}

type ClaimedRow = readonly [
  id: string,
  queue: string,
  parameters: string | null,
  envelope: string,
  priority: number,
  attempt: number,
  attempts: number,
  fence: number,
  enqueuedAt: number,
  suspect: boolean,
];

/** Turns of workers, each one exchange with the server. */
export class WorkerTurns {
  readonly #ground: Ground;
  readonly #statement: Statement;
  /** What is asked for is the same from turn to turn. */
  readonly #names = new WeakMap<readonly QueueClaim[], readonly string[]>();

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#statement = { name: "turn", text: `SELECT ${ground.schema}.turn($1, $2, $3, $4, $5, $6, $7, $8) AS answer` };
  }

  async turn({ worker, settle, holds, claim }: WorkerTurn): Promise<WorkerTurnAnswer> {
    const first = new Map<string, Settlement>();
    for (const settlement of settle) if (!first.has(keyOf(settlement))) first.set(keyOf(settlement), settlement);
    const outcomes = [...first.values()].filter(isOutcome);
    const retries = [...first.values()].filter(settlement => !isOutcome(settlement));
    const values = [worker, jsonOf(outcomes), jsonOf(retries), holds ?? null, ...this.#asked(claim)];
    const { answer } = await this.#ground.database.row<{ answer: TurnAnswer }>("take a worker's turn", this.#statement, values);
    const written = new Set(answer.settled);
    this.#ring(outcomes, retries, written, answer);
    return {
      held: answer.held,
      settled: settle.map(settlement => written.delete(keyOf(settlement))),
      claimed: (answer.claimed ?? []).map(claimedAction),
      now: answer.now,
      ...(typeof answer.dueIn === "number" && { dueIn: answer.dueIn }),
    };
  }

  #asked(claim: ClaimRequest | undefined): readonly unknown[] {
    if (claim === undefined) return [null, null, null, null];
    const limits = claim.queues.filter(({ most, rate }) => most !== undefined || rate !== undefined);
    return [this.#namesOf(claim.queues), claim.most, claim.suspect, limits.length === 0 ? null : JSON.stringify(limits)];
  }

  #namesOf(queues: readonly QueueClaim[]): readonly string[] {
    let names = this.#names.get(queues);
    if (names === undefined) this.#names.set(queues, (names = [...new Set(queues.map(({ queue }) => queue))]));
    return names;
  }

  #ring(outcomes: readonly Settlement[], retries: readonly Settlement[], written: ReadonlySet<string>, { ended, ring, dueIn }: TurnAnswer): void {
    const finished = [...outcomes.flatMap(settlement => (written.has(keyOf(settlement)) ? [settlement.id] : [])), ...(ended ?? [])];
    if (finished.length > 0) this.#ground.ring({ kind: "settled", ids: finished });
    // One that is tried again later may come due sooner than whoever asked last was told.
    const sooner = dueIn === undefined || dueIn === null ? retries.some(settlement => settlement.kind === "failed" && written.has(keyOf(settlement))) : false;
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

function claimedAction([id, queue, parameters, envelope, priority, attempt, attempts, fence, enqueuedAt, suspect]: ClaimedRow): ClaimedAction {
  return { id, queue, ...(parameters !== null && { parameters }), envelope, priority, attempt, attempts, fence, enqueuedAt, suspect };
}
