import type { RecoveredAction } from "../../../durable/store/action-store.ts";
import type { OutboxReport } from "../../../durable/store/outbox-store.ts";
import type { WorkerTurn } from "../../../durable/store/worker-turn.ts";
import type { HostClock } from "./host-clock.ts";

/** Where an action, or a message of the outbox, can be overtaken by its host's end, in the order in which it comes by. */
export const crashPoints = ["enqueue", "claim", "start", "end", "outcome", "dead letter", "recovery", "outbox send", "outbox report"] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** Of a request: before it is sent, while it is on its way and will arrive, when it was answered and the answer is not known yet. Of a handler's first and last line, and of a sending: before and after it. */
export const crashMoments = ["before", "under way", "after"] as const;
export type CrashMoment = (typeof crashMoments)[number];

/** A moment to end at. */
export interface Crash {
  readonly point: CrashPoint;
  readonly moment: CrashMoment;
}

/** One that somebody is to come to. It is of use once, whoever of those that are armed with it comes first. */
export interface ArmedCrash extends Crash {
  spent: boolean;
}

/** Every moment that there is: what is done here is on no way, and whether anything was to be recovered only the answer tells. */
export const crashes: readonly Crash[] = crashPoints.flatMap(point =>
  crashMoments
    .filter(moment => (point === "recovery" ? moment === "after" : moment !== "under way" || !["start", "end", "outbox send"].includes(point)))
    .map(moment => ({ point, moment })),
);

/** The one by which the work of a lost host is lost once more. */
export const recovery: Crash = { point: "recovery", moment: "after" };

/** Whether only one host at a time comes to it, and nobody knows which that will be. */
export function isForAnyone({ point }: Crash): boolean {
  return point === "recovery" || point.startsWith("outbox");
}

/** Ends a process at a moment that was chosen beforehand. */
export class CrashSwitch {
  readonly #process: HostClock;
  readonly #onCrash: (what: string) => void;
  #armed: ArmedCrash | undefined = undefined;

  constructor(process: HostClock, onCrash: (what: string) => void) {
    this.#process = process;
    this.#onCrash = onCrash;
  }

  /** The process is to end there, when it comes to it. */
  arm(crash: ArmedCrash): void {
    this.#armed = crash;
  }

  disarm(): void {
    this.#armed = undefined;
  }

  /** The process comes to a moment. Whoever waits for this in a process that has crashed, here or before, does so for ever. */
  async pass(points: readonly CrashPoint[], moment: CrashMoment): Promise<void> {
    const armed = this.#armed;
    if (armed?.spent === false && this.#process.state === "running" && moment === armed.moment && points.includes(armed.point)) {
      armed.spent = true;
      this.#onCrash(`${moment} ${armed.point}`);
      this.#process.crash();
    }
    if (this.#process.state === "crashed") await this.#process.awake();
  }
}

/** What a request to a store stands for, before it is answered. */
export function pointsOf(method: string | symbol, parameters: readonly unknown[]): readonly CrashPoint[] {
  if (method === "enqueue") return ["enqueue"];
  if (method === "report") return (parameters[0] as OutboxReport).published.length > 0 ? ["outbox report"] : [];
  if (method !== "turn") return [];
  const { settle, claim } = parameters[0] as WorkerTurn;
  const points: CrashPoint[] = [];
  if (settle.some(({ kind }) => kind === "completed")) points.push("outcome");
  if (settle.some(({ kind }) => kind === "dead")) points.push("dead letter");
  if (claim !== undefined) points.push("claim");
  return points;
}

/** The same, once it is: of a claim only where it was given something. */
export function pointsAnswered(method: string | symbol, points: readonly CrashPoint[], answer: unknown): readonly CrashPoint[] {
  if (method === "recover") return recoveredPoints(answer as readonly RecoveredAction[]);
  if (method === "report") return answer === true ? points : [];
  if (method !== "turn") return points;
  const { settled, claimed } = answer as { readonly settled: readonly boolean[]; readonly claimed: readonly unknown[] };
  return points.filter(point => (point === "claim" ? claimed.length > 0 : settled.includes(true)));
}

function recoveredPoints(recovered: readonly RecoveredAction[]): readonly CrashPoint[] {
  if (recovered.length === 0) return [];
  return recovered.some(({ state }) => state === "dead") ? ["recovery", "dead letter"] : ["recovery"];
}
