import { SoraError } from "@sora/core";
import type { Clock } from "@sora/core/adapter";
import { refusal } from "../http/http-problem.ts";
import { fingerprint } from "../security/audit-log.ts";
import { OutcomeShelf } from "./outcome-shelf.ts";
import type { Exchange } from "../routing/exchange.ts";
import type { Reply } from "../routing/reply.ts";

/** How long the answer to a key is kept once there is one, in milliseconds. */
const kept = 600_000;

/** A call that was waited for, and what it was answered. */
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

/** That the store knows the key. What has become of the call is asked of the store alone, which other hosts change too, and which forgets. */
class Mark {
  underWay = 0;
  finishedAt: number | undefined = undefined;
  readonly size = 0;

  get finished(): boolean {
    return this.underWay === 0;
  }
}

/** A request's key, or `undefined`. @throws HttpProblem 400 for one that is longer than 255 characters or not printable. */
export function idempotencyKey(request: Exchange): string | undefined {
  const key = request.header("idempotency-key");
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw refusal("SORA_REQUEST_INVALID", "Idempotency-Key is 1 to 255 printable characters without spaces.");
}

/**
 * Runs what is asked for with one key once: whoever asks again, with the same parameters and for the same thing, while it runs or within ten minutes after, gets the same answer. A failure
 * before anything has run is forgotten. Of a call that is stored only its key is known for as long, so that the same is not run beside it. Keys of different callers, services and actions have
 * nothing to do with each other. Kept in this process, ten thousand at most.
 */
export class IdempotentCalls {
  readonly #clock: Clock;
  readonly #known: OutcomeShelf<Attempt | Mark>;

  constructor(clock: Clock, bounds: { readonly entries: number; readonly size: number } = { entries: 10_000, size: 32 * 1024 * 1024 }) {
    this.#clock = clock;
    this.#known = new OutcomeShelf(bounds);
  }

  /**
   * The answer of `run`, now or then. Where it fails, `untried` says whether nothing has run, so that the same request may be tried again.
   *
   * @throws HttpProblem 422 `SORA_IDEMPOTENCY_MISMATCH` where the key came with other parameters; SoraError `SORA_OVERLOADED` where there is no room; what `run` rejects with, every time.
   */
  async once(id: string, parameters: unknown, run: () => Promise<Reply>, untried: (error: unknown) => boolean): Promise<Reply> {
    const input = inputOf(parameters);
    const known = this.#find(id);
    if (known instanceof Attempt) return replay(known, input);
    const { promise, resolve } = Promise.withResolvers<Reply>();
    promise.catch(() => {}); // whoever waits is told; nobody need
    const attempt = new Attempt(input, promise);
    this.#add(id, attempt);
    const work = run();
    resolve(work);
    work.then(
      reply => this.#finish(id, attempt, reply.kind === "text" ? reply.body.length : 0),
      (error: unknown) => (untried(error) ? this.#known.remove(id) : this.#finish(id, attempt, 0)),
    );
    return promise;
  }

  /** Whether the key belongs to a call that is stored, as far as is known here, so that the store has to be asked about it. */
  isStored(id: string): boolean {
    return this.#find(id) instanceof Mark;
  }

  /**
   * What `store` answers, each time anew; or the answer of the call that was waited for, where the key belongs to one.
   *
   * @throws HttpProblem and SoraError as {@link once} does.
   */
  async stored(id: string, parameters: unknown, store: () => Promise<Reply>): Promise<Reply> {
    const known = this.#find(id);
    if (known instanceof Attempt) return replay(known, inputOf(parameters));
    const mark = known ?? new Mark();
    if (known === undefined) this.#add(id, mark);
    mark.underWay++;
    try {
      const reply = await store();
      mark.finishedAt = this.#clock.monotonic();
      return reply;
    } finally {
      mark.underWay--;
      if (mark.finished && mark.finishedAt === undefined) this.#known.remove(id);
    }
  }

  #add(id: string, entry: Attempt | Mark): void {
    if (!this.#known.add(id, entry))
      throw new SoraError("SORA_OVERLOADED", "Cannot take another Idempotency-Key: as many as are kept belong to calls under way.");
  }

  #find(id: string): Attempt | Mark | undefined {
    const known = this.#known.get(id);
    if (known?.finishedAt === undefined || !known.finished || this.#clock.monotonic() - known.finishedAt < kept) return known;
    this.#known.remove(id);
    return undefined;
  }

  #finish(id: string, attempt: Attempt, size: number): void {
    attempt.size = size;
    attempt.finishedAt = this.#clock.monotonic();
    this.#known.finish(id, attempt);
  }
}

async function replay(known: Attempt, input: string): Promise<Reply> {
  if (known.input !== input) throw refusal("SORA_IDEMPOTENCY_MISMATCH", "This Idempotency-Key came with other parameters before.");
  const reply = await known.reply;
  return { ...reply, headers: { ...reply.headers, "idempotency-replayed": "true" } };
}

/** A fingerprint of the value, as the store too compares parameters: how the JSON was written, and in which order its members stood, says nothing. */
function inputOf(parameters: unknown): string {
  return fingerprint(Buffer.from(parameters === undefined ? "" : JSON.stringify(parameters, (_, value: unknown) => inOrder(value))));
}

function inOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
