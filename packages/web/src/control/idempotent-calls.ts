import { SoraError } from "@sora/core";
import type { Clock } from "@sora/core/adapter";
import { refusal } from "../http/http-problem.ts";
import { fingerprint } from "../security/audit-log.ts";
import { OutcomeShelf } from "./outcome-shelf.ts";
import type { Exchange } from "../routing/exchange.ts";
import type { Reply } from "../routing/reply.ts";

/** How long the answer to a key is kept once there is one, in milliseconds. */
const kept = 600_000;

class Attempt {
  readonly input: string;
  readonly reply: Promise<Reply>;
  finishedAt: number | undefined = undefined;
  size = 0;

  constructor(input: string, reply: Promise<Reply>) {
    this.input = input;
    this.reply = reply;
  }

  get finished(): boolean {
    return this.finishedAt !== undefined;
  }
}

/** A request's key, or `undefined`. @throws HttpProblem 400 for one that is longer than 255 characters or not printable. */
export function idempotencyKey(request: Exchange): string | undefined {
  const key = request.header("idempotency-key");
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw refusal("SORA_REQUEST_INVALID", "Idempotency-Key is 1 to 255 printable characters without spaces.");
}

/**
 * Runs what is asked for with one key once: whoever asks again, with the same body and for the same thing, while it runs or within ten minutes after, gets the same answer. A failure
 * before anything has run is forgotten. Keys of different callers, services and actions have nothing to do with each other. Kept in this process, ten thousand at most.
 */
export class IdempotentCalls {
  readonly #clock: Clock;
  readonly #attempts: OutcomeShelf<Attempt>;

  constructor(clock: Clock, bounds: { readonly entries: number; readonly size: number } = { entries: 10_000, size: 32 * 1024 * 1024 }) {
    this.#clock = clock;
    this.#attempts = new OutcomeShelf(bounds);
  }

  /**
   * The answer of `run`, now or then. Where it fails, `untried` says whether nothing has run, so that the same request may be tried again.
   *
   * @throws HttpProblem 422 `SORA_IDEMPOTENCY_MISMATCH` where the key came with another body; SoraError `SORA_OVERLOADED` where there is no room; what `run` rejects with, every time.
   */
  async once(id: string, body: Uint8Array, run: () => Promise<Reply>, untried: (error: unknown) => boolean): Promise<Reply> {
    const input = fingerprint(body);
    const known = this.#find(id);
    if (known !== undefined) {
      if (known.input !== input) throw refusal("SORA_IDEMPOTENCY_MISMATCH", "This Idempotency-Key came with another body before.");
      const reply = await known.reply;
      return { ...reply, headers: { ...reply.headers, "idempotency-replayed": "true" } };
    }
    const { promise, resolve } = Promise.withResolvers<Reply>();
    promise.catch(() => {}); // whoever waits is told; nobody need
    const attempt = new Attempt(input, promise);
    if (!this.#attempts.add(id, attempt))
      throw new SoraError("SORA_OVERLOADED", "Cannot take another Idempotency-Key: as many as are kept belong to calls under way.");
    const work = run();
    resolve(work);
    work.then(
      reply => this.#finish(id, attempt, reply.kind === "text" ? reply.body.length : 0),
      (error: unknown) => (untried(error) ? this.#attempts.remove(id) : this.#finish(id, attempt, 0)),
    );
    return promise;
  }

  #find(id: string): Attempt | undefined {
    const attempt = this.#attempts.get(id);
    if (attempt?.finishedAt === undefined || this.#clock.monotonic() - attempt.finishedAt < kept) return attempt;
    this.#attempts.remove(id);
    return undefined;
  }

  #finish(id: string, attempt: Attempt, size: number): void {
    attempt.size = size;
    attempt.finishedAt = this.#clock.monotonic();
    this.#attempts.finish(id, attempt);
  }
}
