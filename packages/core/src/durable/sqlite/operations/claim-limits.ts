import { GroupRooms } from "../../store/group-rooms.ts";
import type { QueueClaim } from "../../store/worker-turn.ts";
import { RateLimits } from "./rate-limits.ts";
import type { Session } from "./session.ts";

/** What the groups and rates of a claim still allow; how many one queue may give, that queue counts itself. */
export class ClaimLimits {
  readonly #groups = new GroupRooms();
  readonly #rates: RateLimits;

  constructor(session: Session) {
    this.#rates = new RateLimits(session);
  }

  /** Whether one more of this queue may be handed out. */
  allow(claim: QueueClaim): boolean {
    return this.#groups.allow(claim) && this.#rates.allow(claim.rate);
  }

  take(claim: QueueClaim): void {
    this.#groups.take(claim);
    this.#rates.take(claim.rate);
  }

  /** Milliseconds until nothing but time has let one more be handed out; 0 where there is no time to wait for. */
  wait(claim: QueueClaim): number {
    return claim.rate === undefined || !this.#groups.allow(claim) ? 0 : this.#rates.wait(claim.rate);
  }

  /** Writes what was taken of rates. */
  save(): void {
    this.#rates.save();
  }
}
