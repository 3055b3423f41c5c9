import type { WorkerTurn, WorkerTurnAnswer } from "../../store/worker-turn.ts";
import type { ThreadRequest } from "./thread-protocol.ts";

/** A turn carries up to hundreds of actions. As one text it crosses between two threads in a fraction of the time that a structured clone of as many objects takes. */
interface Packed {
  readonly packed: string;
}

/** Characters of parameters or results from which a turn is not packed: what is large in itself is cloned as quickly, and one text has room for only so much. */
const longestPacked = 4_194_304;

function isPacked(value: unknown): value is Packed {
  return typeof value === "object" && value !== null && "packed" in value;
}

function pack(value: object): Packed {
  return { packed: JSON.stringify(value) };
}

export function unpack(value: unknown): unknown {
  return isPacked(value) ? JSON.parse(value.packed) : value;
}

/** A request as it crosses to the thread. */
export function packRequest(request: ThreadRequest): ThreadRequest {
  const [part, method, now, [turn]] = request;
  return part === "actions" && method === "turn" && isWorthIt((turn as WorkerTurn).settle) ? [part, method, now, [pack(turn as WorkerTurn)]] : request;
}

/** What it was. */
export function unpackRequest([part, method, now, parameters]: ThreadRequest): ThreadRequest {
  return parameters.some(isPacked) ? [part, method, now, parameters.map(unpack)] : [part, method, now, parameters];
}

/** What came of a request as it crosses back; see {@link unpack}. */
export function packAnswer([part, method]: ThreadRequest, value: unknown): unknown {
  return part === "actions" && method === "turn" && isPlain(value as WorkerTurnAnswer | undefined) ? pack(value as WorkerTurnAnswer) : value;
}

/** Whether JSON has all of it, and it is worth it: an action may have infinitely many attempts. */
function isPlain(answer: WorkerTurnAnswer | undefined): boolean {
  return (
    answer !== undefined &&
    isWorthIt(answer.claimed) &&
    answer.claimed.every(({ attempts, priority }) => Number.isFinite(attempts) && Number.isFinite(priority))
  );
}

function isWorthIt(actions: readonly { readonly id: string; readonly parameters?: string; readonly result?: string }[]): boolean {
  return actions.length > 1 && actions.reduce((length, { parameters = "", result = "" }) => length + parameters.length + result.length, 0) <= longestPacked;
}
