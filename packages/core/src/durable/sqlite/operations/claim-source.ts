import type { ClaimedAction, QueueClaim } from "../../store/worker-turn.ts";
import { readParameters } from "./parameters.ts";
import type { Session } from "./session.ts";
import { stage, standing } from "./stage.ts";

/** A row that can be handed out. */
export type Candidate = readonly [
  seq: number,
  priority: number,
  suspect: number,
  id: string,
  queue: number,
  attempt: number,
  attempts: number,
  fence: number,
  enqueuedAt: number,
  envelope: string,
  apart: number,
  parameters: string | null,
];

/** Rows read at a time, at most; it bounds what is held in memory where a worker asks for any number. */
const longestPart = 1_000;

/** Whether one is handed out before another. */
export function precedes([seq, priority]: Candidate, [otherSeq, otherPriority]: Candidate): boolean {
  return priority > otherPriority || (priority === otherPriority && seq < otherSeq);
}

export function isSuspect([, , suspect]: Candidate): boolean {
  return suspect === 1;
}

export function isLastAttempt([, , , , , attempt, attempts]: Candidate): boolean {
  return attempt + 1 >= attempts;
}

/** What a candidate is once it has been handed out. */
export function claimedOf(session: Session, candidate: Candidate): ClaimedAction {
  const [seq, priority, suspect, id, queue, attempt, attempts, fence, enqueuedAt, envelope, apart, inRow] = candidate;
  const parameters = readParameters(session, seq, apart, inRow);
  return {
    id,
    queue: session.queues.name(queue),
    ...(parameters !== undefined && { parameters }),
    envelope,
    priority,
    attempt: attempt + 1,
    attempts,
    fence: fence + 1,
    enqueuedAt,
    suspect: suspect === 1,
  };
}

/** One queue of a claim, its best rows first, read in parts. Nothing is changed until all is chosen, so the next part is found behind what has been taken. */
export class ClaimSource {
  readonly claim: QueueClaim;
  readonly #session: Session;
  readonly #queue: number;
  readonly #suspect: Candidate | undefined;
  /** How many more it may give. */
  #left: number;
  #ready: readonly Candidate[] = [];
  #next = 0;
  #taken = 0;
  #exhausted = false;

  constructor(session: Session, queue: number, claim: QueueClaim, most: number, suspect: boolean) {
    this.claim = claim;
    this.#left = Math.min(most, claim.most ?? most, ...(claim.groups ?? []).map(group => group.most));
    this.#session = session;
    this.#queue = queue;
    this.#suspect = suspect ? session.sql.get<Candidate>(candidatesSql.suspect, queue, 1, 0) : undefined;
  }

  /** The next one; none where it has no more or may give no more. `share` is how many will probably be asked for. */
  peek(suspect: boolean, share: number): Candidate | undefined {
    if (this.#left <= 0) return undefined;
    if (this.#next === this.#ready.length && !this.#exhausted) this.#read(Math.min(share, this.#left, longestPart));
    const ready = this.#ready[this.#next];
    if (!suspect || this.#suspect === undefined) return ready;
    return ready === undefined || precedes(this.#suspect, ready) ? this.#suspect : ready;
  }

  /** Takes what was peeked at. */
  take(candidate: Candidate): void {
    this.#left--;
    if (candidate === this.#suspect) return;
    this.#next++;
    this.#taken++;
  }

  #read(count: number): void {
    this.#ready = this.#session.sql.all<Candidate>(candidatesSql.ready, this.#queue, count, this.#taken);
    this.#next = 0;
    this.#exhausted = this.#ready.length < count;
  }
}

const candidatesSql = { ready: candidatesIn(stage.ready), suspect: candidatesIn(stage.suspect) };

function candidatesIn(at: number): string {
  return `SELECT seq, priority, suspect, id, queue, attempt, attempts, fence, enqueued_at, envelope, apart, parameters
    FROM sora_actions INDEXED BY sora_actions_stage WHERE stage = ${at} AND ${standing} AND queue = ? ORDER BY priority DESC, seq LIMIT ? + 0 OFFSET ? + 0`;
}

/** The queues that have anything that is ready, or anything suspect: one step of the index for each, however much there is. */
export function queuesWith({ sql }: Session, at: "ready" | "suspect"): readonly number[] {
  return sql.all<[number]>(queuesSql[at]).map(([queue]) => queue);
}

const queuesSql = { ready: queuesIn(stage.ready), suspect: queuesIn(stage.suspect) };

function queuesIn(at: number): string {
  const least = `SELECT min(queue) FROM sora_actions INDEXED BY sora_actions_stage WHERE stage = ${at} AND ${standing}`;
  return `WITH RECURSIVE found (queue) AS (${least} UNION ALL SELECT (${least} AND queue > found.queue) FROM found WHERE found.queue IS NOT NULL)
    SELECT queue FROM found WHERE queue IS NOT NULL`;
}
