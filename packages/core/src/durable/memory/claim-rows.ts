import { GroupRooms, isLimited } from "../store/group-rooms.ts";
import type { ClaimRequest, QueueClaim } from "../store/worker-turn.ts";
import type { MemoryQueue } from "./memory-queue.ts";
import { precedes } from "./memory-queue.ts";
import type { StoredRow } from "./stored-row.ts";
import type { TokenBuckets } from "./token-buckets.ts";

/** One queue of a claim, and how many more it may give. */
interface Source {
  readonly queue: MemoryQueue;
  readonly claim: QueueClaim;
  left: number;
}

export interface ClaimParts {
  readonly request: ClaimRequest;
  /** The queue of this name that may be claimed from; none where it is empty or paused. */
  readonly queueOf: (name: string) => MemoryQueue | undefined;
  readonly buckets: TokenBuckets;
  readonly now: number;
  readonly monotonic: number;
  /** Hands a row out, which takes it from its queue. */
  readonly begin: (row: StoredRow) => void;
}

/** Takes what a worker has asked for, best first, and says in how many milliseconds more comes. */
export function claimRows({ request, queueOf, buckets, now, monotonic, begin }: ClaimParts): {
  readonly rows: readonly StoredRow[];
  readonly dueIn: number | undefined;
} {
  const sources: Source[] = [];
  for (const claim of request.queues) {
    const queue = queueOf(claim.queue);
    if (queue === undefined) continue;
    queue.promote(now);
    sources.push({ queue, claim, left: claim.most ?? Infinity });
  }
  const groups = new GroupRooms();
  const hasRoom = ({ claim, left }: Source): boolean => left > 0 && groups.allow(claim);
  const mayGive = (source: Source): boolean => hasRoom(source) && rateWait(source, buckets, monotonic) === 0;
  const rows: StoredRow[] = [];
  let suspect = request.suspect;
  while (rows.length < request.most) {
    const best = bestOf(sources, suspect, mayGive);
    if (best === undefined) break;
    const { row, source } = best;
    if (source.claim.rate !== undefined) buckets.take(source.claim.rate, monotonic);
    groups.take(source.claim);
    source.left--;
    if (row.suspect) suspect = false;
    begin(row);
    rows.push(row);
  }
  for (let ahead = request.ahead ?? 0; ahead > 0; ahead--) {
    const best = bestOf(sources, suspect, mayGive);
    if (best === undefined || isLimited(best.source.claim)) break;
    const { row } = best;
    if (row.suspect || row.attempt + 1 >= row.attempts) break;
    begin(row);
    rows.push(row);
  }
  return {
    rows,
    dueIn: nextDue(sources, now, source => (hasRoom(source) && source.queue.peek(suspect) !== undefined ? rateWait(source, buckets, monotonic) : 0)),
  };
}

/** Milliseconds until something comes due, or a rate allows more of what there is: those of `waitOf` that are above 0. */
function nextDue(sources: readonly Source[], now: number, waitOf: (source: Source) => number): number | undefined {
  let dueIn = Number.POSITIVE_INFINITY;
  for (const source of sources) {
    const wait = waitOf(source);
    dueIn = Math.min(dueIn, source.queue.nextDue() - now, wait > 0 ? wait : Number.POSITIVE_INFINITY);
  }
  return dueIn === Number.POSITIVE_INFINITY ? undefined : dueIn;
}

/** The first of all that may be handed out. */
function bestOf(
  sources: readonly Source[],
  suspect: boolean,
  mayGive: (source: Source) => boolean,
): { readonly row: StoredRow; readonly source: Source } | undefined {
  let best: { readonly row: StoredRow; readonly source: Source } | undefined;
  for (const source of sources) {
    const row = source.queue.peek(suspect);
    if (row !== undefined && (best === undefined || precedes(row, best.row)) && mayGive(source)) best = { row, source };
  }
  return best;
}

/** Milliseconds until a queue's rate allows one more; 0 where it does, or there is none. */
function rateWait({ claim: { rate } }: Source, buckets: TokenBuckets, monotonic: number): number {
  return rate === undefined ? 0 : buckets.wait(rate, monotonic);
}
