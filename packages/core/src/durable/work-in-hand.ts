import { ClaimedAhead } from "./claimed-ahead.ts";
import { Pace } from "./pace.ts";
import type { Clock } from "../time/clock.ts";
import type { Overruns } from "./overruns.ts";
import type { RunningAction } from "./running-action.ts";

/** What is claimed ahead is expected to begin within so many milliseconds; it is so many at most. */
const soon = 20;
const mostAhead = 1_000;

/** What a worker has been handed out and has not ended: what runs, and what waits for room. */
export class WorkInHand {
  readonly concurrency: number;
  /** How many there are, handlers that go on included, by service and by `service/action`. */
  readonly load: Map<string, number> = new Map();
  readonly #running = new Map<string, RunningAction>();
  readonly #ahead = new ClaimedAhead();
  readonly #overruns: Overruns;
  readonly #pace: Pace;
  #suspects = 0;

  constructor(concurrency: number, clock: Clock, overruns: Overruns) {
    this.concurrency = concurrency;
    this.#overruns = overruns;
    this.#pace = new Pace(clock);
  }

  get size(): number {
    return this.#running.size + this.#ahead.size;
  }

  /** Whether there is no room for anything more to begin. */
  get isFull(): boolean {
    return this.#taken >= this.concurrency;
  }

  /** How many run. */
  get running(): number {
    return this.#running.size;
  }

  /** How many wait for room. */
  get waiting(): number {
    return this.#ahead.size;
  }

  /** Since when, on the monotonic clock, the first of those has waited; Infinity where none does. */
  get waitingSince(): number {
    return this.#ahead.since;
  }

  /** The same of the one that begins next. */
  get nextSince(): number {
    return this.#ahead.nextSince;
  }

  get hasSuspect(): boolean {
    return this.#suspects > 0;
  }

  /** Of all that counts as held: nothing of what was lost. */
  get ids(): readonly string[] {
    const held = Array.from(this.runs()).filter(({ lost }) => !lost);
    return [...held.map(({ id }) => id), ...this.#ahead.ids];
  }

  runs(): IterableIterator<RunningAction> {
    return this.#running.values();
  }

  /** How many more there is room for: `most` that begin at once, and `ahead` that begin in milliseconds, where `plenty` is to be had and actions end as quickly as that. */
  room(plenty: boolean): { readonly most: number; readonly ahead: number } {
    const over = Math.max(0, this.#taken - this.concurrency);
    return { most: Math.max(0, this.concurrency - this.#taken), ahead: Math.max(0, this.#mostAhead(plenty) - over) };
  }

  /** Whether more is to be claimed: what is claimed ahead once half of it is used up, in one turn with much and not in many with little. */
  isLow(plenty: boolean): boolean {
    return !this.isFull || this.#taken - this.concurrency < this.#mostAhead(plenty) / 2;
  }

  /** Has been handed out, and waits for room. */
  add(one: RunningAction): void {
    this.#count(one, 1);
    this.#ahead.add(one);
  }

  /** The next one that is to begin, which runs from now on; none where there is no room, or none waits. */
  begin(): RunningAction | undefined {
    if (this.#running.size + this.#overruns.places >= this.concurrency) return undefined;
    const next = this.#ahead.take();
    if (next !== undefined) this.#running.set(next.id, next);
    return next;
  }

  /** An attempt is over. Where its handler goes on, its place is not free yet. */
  end(run: RunningAction): void {
    this.#pace.count();
    if (this.#running.get(run.id) === run) this.#running.delete(run.id);
    if (run.handler === "at work") this.#overruns.add(run);
    else this.#count(run, -1);
  }

  /** It no longer keeps the place that it had kept though its attempt was over. */
  freePlace(run: RunningAction): void {
    this.#count(run, -1);
  }

  /** What was asked to be cancelled: what runs is aborted, what has not begun no longer in hand, and returned. */
  cancel(ids: readonly string[]): readonly RunningAction[] {
    for (const id of ids) this.#running.get(id)?.cancel();
    return this.#letGo(this.#ahead.takeThese(new Set(ids)));
  }

  /** Of what runs, the attempt of this action with this fence. */
  find(id: string, fence: number): RunningAction | undefined {
    const run = this.#running.get(id);
    return run?.claimed.fence === fence ? run : undefined;
  }

  /** All that has not begun, which it no longer has. */
  letGo(): readonly RunningAction[] {
    return this.#letGo(this.#ahead.takeAll());
  }

  /** Another may have all of it by now: what runs is aborted, and the rest forgotten. */
  lose(): void {
    for (const run of this.runs()) run.lose();
    this.letGo();
  }

  /** Places that are not to be had: what runs, what waits, and handlers that go on. */
  get #taken(): number {
    return this.size + this.#overruns.places;
  }

  #mostAhead(plenty: boolean): number {
    const within = plenty ? this.#pace.within(soon) : 0;
    return within < this.concurrency ? 0 : Math.min(within, mostAhead);
  }

  #letGo(handed: readonly RunningAction[]): readonly RunningAction[] {
    for (const run of handed) this.#count(run, -1);
    return handed;
  }

  #count({ handed: { parts, actionKey }, claimed }: RunningAction, by: 1 | -1): void {
    for (const key of [parts.service, actionKey]) this.load.set(key, (this.load.get(key) ?? 0) + by);
    if (claimed.suspect) this.#suspects += by;
  }
}
