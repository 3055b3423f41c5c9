import { isLimited } from "../../store/group-rooms.ts";
import type { ClaimedAction, ClaimRequest, QueueClaim } from "../../store/worker-turn.ts";
import type { Candidate } from "./claim-source.ts";
import { ClaimLimits } from "./claim-limits.ts";
import { claimedOf, ClaimSource, isLastAttempt, isSuspect, precedes, queuesWith } from "./claim-source.ts";
import { openQueues } from "./paused-queues.ts";
import type { Session } from "./session.ts";
import { stage } from "./stage.ts";
import { bringIn } from "./timed-actions.ts";

/** What a worker is given, and in how many milliseconds more comes due. */
export interface Claimed {
  readonly claimed: readonly ClaimedAction[];
  readonly dueIn?: number;
}

/**
 * Hands out what a worker has asked for, best first over all its queues. Only queues that have something ready are looked at, and of these only as many rows as are
 * handed out, or a few more.
 */
export function claimActions(session: Session, worker: string, request: ClaimRequest): Claimed {
  const wanted = openQueues(session, request.queues);
  const timed = bringIn(session, wanted);
  const limits = new ClaimLimits(session);
  const sources = sourcesOf(session, wanted, request);
  const first = pick(sources, request, limits);
  const suspectToo = request.suspect && !first.some(isSuspect);
  const picked = [...first, ...pickAhead(sources, request, suspectToo, limits)];
  limits.save();
  if (picked.length > 0) session.sql.run(handOutSql, worker, session.now, JSON.stringify(picked.map(([seq]) => seq)));
  const claimed = picked.map(candidate => claimedOf(session, candidate));
  const dueIn = Math.min(timed, ratedWait(sources, request.suspect, limits));
  return dueIn === Number.POSITIVE_INFINITY ? { claimed } : { claimed, dueIn };
}

const handOutSql = `
  UPDATE sora_actions SET stage = ${stage.running}, failed = 0, worker = ?, started_at = ?, attempt = attempt + 1, fence = fence + 1
  WHERE seq IN (SELECT value FROM json_each(?))`;

function sourcesOf(session: Session, wanted: ReadonlyMap<string, QueueClaim>, { most, ahead = 0, suspect }: ClaimRequest): readonly ClaimSource[] {
  const suspects = new Set(suspect ? queuesWith(session, "suspect") : []);
  const queues = new Set([...queuesWith(session, "ready"), ...suspects]);
  return [...queues].flatMap(queue => {
    const claim = wanted.get(session.queues.name(queue));
    return claim === undefined ? [] : new ClaimSource(session, queue, claim, most + ahead, suspects.has(queue));
  });
}

function pick(sources: readonly ClaimSource[], { most, ahead = 0, suspect }: ClaimRequest, limits: ClaimLimits): readonly Candidate[] {
  const picked: Candidate[] = [];
  let suspectToo = suspect;
  while (picked.length < most) {
    const best = bestOf(sources, suspectToo, Math.ceil((most + ahead - picked.length) / sources.length), limits);
    if (best === undefined) break;
    best.source.take(best.candidate);
    limits.take(best.source.claim);
    picked.push(best.candidate);
    if (isSuspect(best.candidate)) suspectToo = false;
  }
  return picked;
}

/** What comes next, and need not begin at once; up to what must, so that it is never overtaken for long. */
function pickAhead(sources: readonly ClaimSource[], { ahead = 0 }: ClaimRequest, suspect: boolean, limits: ClaimLimits): readonly Candidate[] {
  const picked: Candidate[] = [];
  while (picked.length < ahead) {
    const best = bestOf(sources, suspect, Math.ceil((ahead - picked.length) / sources.length), limits);
    if (best === undefined || isLimited(best.source.claim) || isSuspect(best.candidate) || isLastAttempt(best.candidate)) break;
    best.source.take(best.candidate);
    picked.push(best.candidate);
  }
  return picked;
}

/** The first of all that may be handed out; `share` is how many a source will probably be asked for. */
function bestOf(
  sources: readonly ClaimSource[],
  suspect: boolean,
  share: number,
  limits: ClaimLimits,
): { readonly candidate: Candidate; readonly source: ClaimSource } | undefined {
  let best: { readonly candidate: Candidate; readonly source: ClaimSource } | undefined;
  for (const source of sources) {
    const candidate = source.peek(suspect, share);
    if (candidate === undefined || (best !== undefined && !precedes(candidate, best.candidate)) || !limits.allow(source.claim)) continue;
    best = { candidate, source };
  }
  return best;
}

/** Milliseconds until a rate allows more of what there is; Infinity where none is in the way. */
function ratedWait(sources: readonly ClaimSource[], suspect: boolean, limits: ClaimLimits): number {
  const rated = sources.filter(source => source.claim.rate !== undefined && source.peek(suspect, 1) !== undefined);
  return Math.min(...rated.map(({ claim }) => limits.wait(claim)).filter(wait => wait > 0));
}
