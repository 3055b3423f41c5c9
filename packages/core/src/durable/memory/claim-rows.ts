import type { ClaimRequest, QueueClaim } from "../store/worker-turn.ts";
import type { MemoryQueue } from "./memory-queue.ts";
import { precedes } from "./memory-queue.ts";
import type { StoredRow } from "./stored-row.ts";
import type { TokenBuckets } from "./token-buckets.ts";

/** One queue of a claim, and how many more it may give. */
interface Source {
  readonly queue: MemoryQueue;
  readonly rate: QueueClaim["rate"];
  readonly limited: boolean;
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
  for (const { queue: name, rate, most } of request.queues) {
    const queue = queueOf(name);
    if (queue === undefined) continue;
    queue.promote(now);
    sources.push({ queue, rate, limited: rate !== undefined || most !== undefined, left: most ?? Infinity });
  }
  const rows: StoredRow[] = [];
  let suspect = request.suspect;
  while (rows.length < request.most) {
    const best = bestOf(sources, suspect, rate => buckets.wait(rate, monotonic) === 0);
    if (best === undefined) break;
    const { row, source } = best;
    if (source.rate !== undefined) buckets.take(source.rate, monotonic);
    source.left--;
    if (row.suspect) suspect = false;
    begin(row);
    rows.push(row);
  }
  for (let ahead = request.ahead ?? 0; ahead > 0; ahead--) {
    const best = bestOf(sources, suspect, rate => buckets.wait(rate, monotonic) === 0);
    if (best === undefined || best.source.limited) break;
    const { row } = best;
    if (row.suspect || row.attempt + 1 >= row.attempts) break;
    begin(row);
    rows.push(row);
  }
  return { rows, dueIn: nextDue(sources, suspect, buckets, now, monotonic) };
}

function bestOf(
  sources: readonly Source[],
  suspect: boolean,
  allowed: (rate: NonNullable<QueueClaim["rate"]>) => boolean,
): { readonly row: StoredRow; readonly source: Source } | undefined {
  let best: { readonly row: StoredRow; readonly source: Source } | undefined;
  for (const source of sources) {
    const row = source.left > 0 ? source.queue.peek(suspect) : undefined;
    if (row === undefined || (best !== undefined && !precedes(row, best.row))) continue;
    if (source.rate === undefined || allowed(source.rate)) best = { row, source };
  }
  return best;
}

function nextDue(sources: readonly Source[], suspect: boolean, buckets: TokenBuckets, now: number, monotonic: number): number | undefined {
  let dueIn = Number.POSITIVE_INFINITY;
  for (const { queue, rate, left } of sources) {
    dueIn = Math.min(dueIn, queue.nextDue() - now);
    if (rate === undefined || left <= 0 || queue.peek(suspect) === undefined) continue;
    const wait = buckets.wait(rate, monotonic);
    if (wait > 0) dueIn = Math.min(dueIn, wait);
  }
  return dueIn === Number.POSITIVE_INFINITY ? undefined : dueIn;
}
