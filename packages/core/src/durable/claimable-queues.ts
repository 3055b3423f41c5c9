import { commandNames, handles, isRun } from "../commands/built-in-command.ts";
import { parseDuration } from "../time/duration.ts";
import { queueName } from "./store/queue-name.ts";
import type { ActionOptions } from "../definition/action-definition.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { ClockTimer } from "../time/clock.ts";
import type { QueueParts } from "./store/queue-name.ts";
import type { QueueClaim } from "./store/worker-turn.ts";

/** Milliseconds for which an action is left to others where calls that are not stored crowd it out. */
const leaveFor = 1_000;

/** One version of an action that can be claimed, and how many may run of what it counts in. */
interface Claimable {
  readonly claim: QueueClaim;
  readonly actionKey: string;
  readonly limits: readonly Limit[];
}

/** How many may run at once of an action in all its versions (`service/action`), or of a service. */
interface Limit {
  readonly name: string;
  readonly concurrency: number;
  /** Whether other queues count in it too. */
  readonly shared: boolean;
}

/**
 * What this host can run right now: every action of its services that are up, in every version that it can lift to its own, and the runs of a singleton while its lease is here. Made anew when
 * a service or a lease moves.
 */
export class ClaimableQueues {
  readonly #host: HostKernel;
  readonly #onBack: () => void;
  /** By `service/action`. */
  readonly #left = new Map<string, ClockTimer>();
  #known: readonly Claimable[] | undefined = undefined;
  #unlimited: readonly QueueClaim[] = [];
  #limited: readonly Claimable[] = [];
  #queues: ReadonlySet<string> = new Set();

  /** `onBack` is called when what was left for a while can be claimed again. */
  constructor(host: HostKernel, onBack: () => void) {
    this.#host = host;
    this.#onBack = onBack;
  }

  /** A service or a lease has moved. */
  changed(): void {
    this.#known = undefined;
  }

  /** Claims none of this action for a while: here it has to wait, and for that there is no room either. */
  leave({ service, action }: QueueParts): void {
    const key = `${service}/${action}`;
    if (this.#left.has(key)) return;
    const back = (): void => {
      this.#left.delete(key);
      this.#onBack();
    };
    this.#left.set(key, this.#host.clock.setTimer(back, leaveFor, true));
  }

  close(): void {
    for (const timer of this.#left.values()) timer.cancel();
  }

  /** The names of all that its services can run, those included that will be up by themselves, for others to see who can run what. */
  names(): readonly string[] {
    return this.#host.registry.list().flatMap(service => (isToBeUp(service) ? Array.from(claimablesOf(service), ({ claim }) => claim.queue) : []));
  }

  /** Whether actions of this queue can be run right now. */
  has(queue: string): boolean {
    this.#all();
    return this.#queues.has(queue);
  }

  /** Whether how many of this action run counts for what may be claimed. */
  limits({ service, action }: QueueParts): boolean {
    this.#all();
    return this.#limited.some(({ actionKey }) => actionKey === `${service}/${action}`);
  }

  /** What to claim, given how many of each action (`service/action`) and service run already. The same list again while nothing limits. */
  claims(running: ReadonlyMap<string, number>): readonly QueueClaim[] {
    this.#all();
    if (this.#limited.length === 0) return this.#unlimited;
    const left = ({ name, concurrency }: Limit): number => concurrency - (running.get(name) ?? 0);
    const open = this.#limited.filter(({ actionKey, limits }) => !this.#left.has(actionKey) && limits.every(limit => left(limit) > 0));
    return [...this.#unlimited, ...open.map(one => limitedClaim(one, left))];
  }

  #all(): readonly Claimable[] {
    if (this.#known !== undefined) return this.#known;
    const all = this.#host.registry.list().flatMap(service => (isUp(service) ? [...claimablesOf(service, service.work?.elsewhere === undefined)] : []));
    this.#limited = all.filter(({ limits }) => limits.length > 0);
    this.#queues = new Set(all.map(({ claim }) => claim.queue));
    this.#unlimited = all.filter(({ limits }) => limits.length === 0).map(({ claim }) => claim);
    return (this.#known = all);
  }
}

function isUp({ state: { phase } }: ServiceRuntime): boolean {
  return phase === "running" || phase === "completed";
}

/** Whether it is up, or comes up without anybody's doing. */
function isToBeUp({ state: { phase }, host }: ServiceRuntime): boolean {
  if (phase === "stopped") return !host.lifetime.started.aborted;
  return phase !== "disabled" && phase !== "failed";
}

function* claimablesOf(service: ServiceRuntime, withRuns = true): Generator<Claimable> {
  for (const [name, { options }] of service.definition.actions) yield* claimablesOfAction(service, name, options);
  for (const [name, command] of Object.entries(commandNames))
    if (!service.definition.actions.has(name) && (service.kind === "periodic" || handles(service, command)) && (withRuns || !isRun(service, name)))
      yield* claimablesOfAction(service, name, {});
}

function* claimablesOfAction(service: ServiceRuntime, action: string, options: ActionOptions): Generator<Claimable> {
  const { concurrency, rateLimit } = options;
  const actionKey = `${service.name}/${action}`;
  const versions = versionsOf(options);
  const ofService = service.definition.options.concurrency;
  const limits: Limit[] = [];
  if (concurrency !== undefined) limits.push({ name: actionKey, concurrency, shared: versions.length > 1 });
  if (ofService !== undefined) limits.push({ name: service.name, concurrency: ofService, shared: true });
  const rate = rateLimit === undefined ? undefined : { name: actionKey, limit: rateLimit.limit, per: parseDuration(rateLimit.per, "rateLimit.per") };
  for (const version of versions) {
    const queue = queueName({ service: service.name, action, version });
    yield { claim: rate === undefined ? { queue } : { queue, rate }, actionKey, limits };
  }
}

/** How much of one that is limited to claim, by what is left of each limit. */
function limitedClaim({ claim, limits }: Claimable, left: (limit: Limit) => number): QueueClaim {
  const own = limits.find(({ shared }) => !shared);
  const groups = limits.filter(({ shared }) => shared).map(limit => ({ name: limit.name, most: left(limit) }));
  return { ...claim, ...(own !== undefined && { most: left(own) }), ...(groups.length > 0 && { groups }) };
}

/** Its own version, and older ones as far back as each step can be lifted. */
function versionsOf({ version = 1, migrate }: ActionOptions): number[] {
  const versions = [version];
  for (let older = version - 1; older >= 1 && migrate?.[older] !== undefined; older--) versions.push(older);
  return versions;
}
