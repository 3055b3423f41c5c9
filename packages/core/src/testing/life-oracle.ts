import type { ServiceKind } from "../definition/service-kind.ts";
import type { ServicePhase } from "../lifecycle/service-state.ts";

/**
 * Judges what a host says of one service by what the service itself and those who asked have seen. The sentences are those of `docs/guide/lifecycle.md`; none of them is looked
 * up in the table that the host goes by, so a wrong row of it is found like any other mistake.
 */
export class LifeOracle {
  readonly #name: string;
  readonly #kind: ServiceKind;
  /** What did not hold, a sentence each. */
  readonly lies: string[] = [];
  #asking = { start: 0, stop: 0 };
  #everStarted = false;
  /** Runs under way. */
  #running = 0;
  #toldToEnd = false;
  #lastThrew = false;
  #instances = 0;
  #disposing = 0;

  constructor(name: string, kind: ServiceKind) {
    this.#name = name;
    this.#kind = kind;
  }

  /** Whether nothing of the service goes on: no run, and no instance that has lived and is not disposed of. */
  get isOver(): boolean {
    return this.#running === 0 && (this.#instances === 0 || !this.#everStarted);
  }

  /** Somebody asks for a start or a stop, and waits until `ask` settles. */
  async asked<T>(what: "start" | "stop", ask: () => Promise<T>): Promise<T> {
    this.#asking[what]++;
    try {
      return await ask();
    } finally {
      this.#asking[what]--;
    }
  }

  made(): void {
    this.#expect(this.#instances++ === 0, "was made while an instance of it was there");
  }

  began(): void {
    this.#expect(this.#running++ === 0, "began a run beside another");
    this.#expect(this.#instances === 1 && this.#disposing === 0, "began a run with an instance that was disposed of");
    this.#toldToEnd = false;
  }

  toldToEnd(): void {
    this.#toldToEnd = true;
  }

  ended(threw: boolean): void {
    this.#running--;
    this.#lastThrew = threw;
  }

  disposing(): void {
    this.#disposing++;
  }

  disposed(): void {
    this.#disposing--;
    this.#instances--;
  }

  /** The host says that the service went from `before` to `after`. */
  moved(before: ServicePhase, after: ServicePhase): void {
    const because = this.#why(before, after);
    this.#expect(because === undefined, `went from ${before} to ${after}, ${because}`);
    if (after === "starting") this.#everStarted = true;
  }

  /** The host says that the service, left alone for the moment, is in `phase`. */
  rests(phase: ServicePhase): void {
    const holds = {
      disabled: () => false, // nobody disables
      starting: () => this.#kind === "startup" && this.#running === 1,
      running: () => (this.#kind === "periodic" ? this.#running <= 1 : this.#kind === "background" && (this.#running === 1 || this.#drains)),
      restarting: () => this.#kind === "background" && this.#lastThrew && this.#running === 0,
      completed: () => this.#kind !== "periodic" && !this.#lastThrew && this.#running === 0,
      failed: () => (this.#lastThrew && this.#running === 0) || this.#gaveUp,
      stopping: () => this.#asking.stop > 0 || !this.isOver,
      stopped: () => this.isOver,
    };
    this.#expect(holds[phase](), `is said to be ${phase}`);
  }

  /** Why `after` may not follow, or `undefined`. */
  #why(before: ServicePhase, after: ServicePhase): string | undefined {
    const isIdle = this.#running === 0 && this.#disposing === 0;
    switch (after) {
      case "starting":
        if (before === "restarting") return unless(this.#lastThrew && isIdle && this.#kind === "background", "and no failed run is behind it");
        if (!["stopped", "completed", "failed"].includes(before)) return "which is no place to start from";
        return unless(this.#asking.start > 0, "and nobody asked for it") ?? unless(isIdle, "while something of its last life went on");
      case "running":
        return unless(before === "starting" && this.#kind !== "startup" && isIdle, "without a start that had nothing beside it");
      case "completed":
        return (
          unless(before === (this.#kind === "startup" ? "starting" : "running") && this.#kind !== "periodic", "which does not complete") ??
          unless(isIdle && !this.#lastThrew, "and its run has not returned well")
        );
      case "restarting":
        return (
          unless(["running", "restarting"].includes(before) && this.#kind === "background", "which is not restarted") ??
          unless(isIdle && this.#lastThrew, "and no run has failed")
        );
      case "failed":
        return (
          unless(["starting", "running", "restarting"].includes(before), "which cannot fail") ??
          unless((isIdle && this.#lastThrew) || this.#gaveUp, "and no run has failed")
        );
      case "stopping":
        if (before === "stopping") return undefined; // late; what has just ended may not have been noticed yet, and is seen to where it rests
        if (before === "stopped" || before === "disabled") return "and there was nothing to stop";
        return unless(this.#asking.stop > 0, "and nobody asked for it");
      case "stopped":
        return unless(before === "stopping", "and was never told to stop") ?? unless(this.isOver, "while something of it went on");
      case "disabled":
        return "and nobody disables";
    }
  }

  /** A startup service is given up when its time is over: its run has been told to end, and may go on. */
  get #gaveUp(): boolean {
    return this.#kind === "startup" && this.#toldToEnd;
  }

  /** An `execute` that throws while its host drains is not started again, and its actions go on. */
  get #drains(): boolean {
    return this.#asking.stop > 0 && this.#lastThrew;
  }

  #expect(holds: boolean, what: string): void {
    if (!holds) this.lies.push(`${this.#name} ${what}`);
  }
}

function unless(holds: boolean, why: string): string | undefined {
  return holds ? undefined : why;
}
