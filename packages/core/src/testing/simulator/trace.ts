import { createHash } from "node:crypto";
import type { Clock } from "../../time/clock.ts";

/** What happened in a simulation, line by line in virtual time. Two runs of one seed have the same lines. */
export class Trace {
  readonly #clock: Clock;
  readonly #lines: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(what: string): void {
    this.#lines.push(`${String(Math.round(this.#clock.monotonic())).padStart(8)} ${what}`);
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  get digest(): string {
    return createHash("sha256").update(this.#lines.join("\n")).digest("hex").slice(0, 16);
  }
}
