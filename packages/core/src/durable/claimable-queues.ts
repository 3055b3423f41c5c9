import { commandNames, handles, isRun } from "../commands/built-in-command.ts";
import { parseDuration } from "../time/duration.ts";
import { queueName } from "./store/queue-name.ts";
import type { ActionOptions } from "../definition/action-definition.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { QueueParts } from "./store/queue-name.ts";
import type { QueueClaim } from "./store/worker-turn.ts";

/** One action that can be claimed, as it limits itself. */
interface Claimable {
  readonly service: ServiceRuntime;
  readonly claim: QueueClaim;
  readonly actionKey: string;
  readonly most: number | undefined;
}

/**
 * What this host can run right now: every action of its services that are up, in every version that it can lift to its own, and the runs of a singleton while its lease is here. Made anew when
 * a service or a lease moves.
 */
export class ClaimableQueues {
  readonly #host: HostKernel;
  #known: readonly Claimable[] | undefined = undefined;
  #unlimited: readonly QueueClaim[] = [];
  #limited: readonly Claimable[] = [];
  #queues: ReadonlySet<string> = new Set();

  constructor(host: HostKernel) {
    this.#host = host;
  }

  /** A service or a lease has moved. */
  changed(): void {
    this.#known = undefined;
  }

  /** The names of all that its services could run, up or not, for others to see who can run what. */
  names(): readonly string[] {
    return this.#host.registry.list().flatMap(service => Array.from(claimablesOf(service), ({ claim }) => claim.queue));
  }

  /** Whether actions of this queue can be run right now. */
  has(queue: string): boolean {
    this.#all();
    return this.#queues.has(queue);
  }

  /** Whether how many of this action run counts for what may be claimed. */
  limits({ service, action }: QueueParts): boolean {
    this.#all();
    return this.#limited.some(({ actionKey, service: { name } }) => name === service && actionKey === `${service}/${action}`);
  }

  /** What to claim, given how many of each action (`service/action`) and service run already. The same list again while nothing limits. */
  claims(running: ReadonlyMap<string, number>): readonly QueueClaim[] {
    this.#all();
    if (this.#limited.length === 0) return this.#unlimited;
    const open: QueueClaim[] = [...this.#unlimited];
    for (const { claim, actionKey, most, service } of this.#limited) {
      const ofService = service.definition.options.concurrency;
      const left = Math.min((most ?? Infinity) - (running.get(actionKey) ?? 0), (ofService ?? Infinity) - (running.get(service.name) ?? 0));
      if (left > 0) open.push(left === Infinity ? claim : { ...claim, most: left });
    }
    return open;
  }

  #all(): readonly Claimable[] {
    if (this.#known !== undefined) return this.#known;
    const all = this.#host.registry.list().flatMap(service => (isUp(service) ? [...claimablesOf(service, service.work?.elsewhere === undefined)] : []));
    this.#limited = all.filter(({ most, service }) => most !== undefined || service.definition.options.concurrency !== undefined);
    this.#queues = new Set(all.map(({ claim }) => claim.queue));
    this.#unlimited = all.filter(one => !this.#limited.includes(one)).map(({ claim }) => claim);
    return (this.#known = all);
  }
}

function isUp({ state: { phase } }: ServiceRuntime): boolean {
  return phase === "running" || phase === "completed";
}

function* claimablesOf(service: ServiceRuntime, withRuns = true): Generator<Claimable> {
  for (const [name, { options }] of service.definition.actions) {
    for (const version of versionsOf(options)) yield claimable(service, name, version, options);
  }
  for (const [name, command] of Object.entries(commandNames))
    if (!service.definition.actions.has(name) && (service.kind === "periodic" || handles(service, command)) && (withRuns || !isRun(service, name)))
      yield claimable(service, name, 1, {});
}

function claimable(service: ServiceRuntime, action: string, version: number, { concurrency, rateLimit }: ActionOptions): Claimable {
  const actionKey = `${service.name}/${action}`;
  const queue = queueName({ service: service.name, action, version });
  const claim: QueueClaim =
    rateLimit === undefined ? { queue } : { queue, rate: { name: actionKey, limit: rateLimit.limit, per: parseDuration(rateLimit.per, "rateLimit.per") } };
  return { service, claim, actionKey, most: concurrency };
}

/** Its own version, and older ones as far back as each step can be lifted. */
function versionsOf({ version = 1, migrate }: ActionOptions): number[] {
  const versions = [version];
  for (let older = version - 1; older >= 1 && migrate?.[older] !== undefined; older--) versions.push(older);
  return versions;
}
