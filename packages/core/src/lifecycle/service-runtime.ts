import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { ActionRuntime } from "../actions/action-runtime.ts";
import { CallList } from "../actions/call-list.ts";
import { Lane } from "../actions/lane.ts";
import { builtInCommand, handledCommand } from "../commands/built-in-command.ts";
import { createInstance } from "./service-instance.ts";
import { disposeValue } from "../injection/dispose-value.ts";
import { nextPhase } from "./service-state.ts";
import { emitEvent } from "../events/emit-event.ts";
import { noHistory, ServiceHistory } from "./service-history.ts";
import { ServiceSettings } from "./service-settings.ts";
import type { CallContext } from "../actions/call-context.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { AnyServiceDefinition, ServiceMembers } from "../definition/service-definition.ts";
import type { ServiceKind } from "../definition/service-kind.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { Logger } from "../logging/logger.ts";
import type { PeriodicObserver } from "../time/periodic-timer.ts";
import type { CallScope } from "../injection/container.ts";
import { watchLoop } from "./loop-watch.ts";
import type { LifecycleMove, PlainPhase, ServiceState } from "./service-state.ts";
import type { ServiceWork } from "./service-work.ts";

const noMembers: ServiceMembers = Object.freeze({});
/** So that names with an id in them fill neither the log nor the memory. */
const mostUndeclared = 100;
const nothingCalled: ReadonlyMap<string, ActionRuntime> = new Map();

/**
 * A start or a stop that takes its time: whoever asks for the same, or for what comes after, waits for it. A stop is `done` when its time is over at the latest, with what
 * has not ended by then, and has `ended` once nothing of the service goes on, which may be never.
 */
export type ServiceChange =
  | { readonly kind: "start"; readonly done: Promise<void> }
  | { readonly kind: "stop"; readonly done: Promise<readonly string[]>; readonly ended: Promise<void> };

/** What few services have, and have made when they first need it. */
class RareParts {
  /** The name and kind that its instance gives it, where they are not its definition's. */
  name: string | undefined = undefined;
  kind: ServiceKind | undefined = undefined;
  members: ServiceMembers = noMembers;
  lane: Lane | undefined = undefined;
  logger: Logger | undefined = undefined;
  settings: ServiceSettings | undefined = undefined;
  /** Events it emitted without declaring them. */
  undeclared: Set<string> | undefined = undefined;
  /** What the lasting instance took that is scoped, where calls get instances of their own. */
  scope: CallScope | undefined = undefined;
  change: ServiceChange | undefined = undefined;
  /** What its `handleCommand` was asked for, by name. */
  commands: Map<string, ActionRuntime> | undefined = undefined;
  /** How often it was asked to stop: a start that waits sees by it that it is no longer wanted. */
  stopsAsked = 0;
  /** Calls that a stop does not wait for. */
  late: Set<CallContext> | undefined = undefined;
  /** Calls that wait for a slot. */
  waiting = 0;
  arrivals = 0;
  /** Called at each change. */
  watchers: Set<() => void> | undefined = undefined;
}

/**
 * One service of one host: its state, its instance, what it is doing and has done. Everything that runs it (calls, runs, commands) goes through here,
 * so the counts are true. What most services never use is made when first needed; a host may hold a hundred thousand of these.
 */
export class ServiceRuntime {
  readonly host: HostKernel;
  readonly definition: AnyServiceDefinition;
  /** Where it is in its life; changed by {@link move} alone. */
  state: ServiceState;
  /** The one instance, or for other lifetimes the one that `execute`, `check` and subscriptions use. */
  instance: object | undefined = undefined;
  /** How its runs are made to happen, once it has been started. */
  work: ServiceWork | undefined = undefined;
  /** Whether a call may go straight to the method: it runs, nothing stands around its calls, and it has one instance. */
  direct = false;
  /** Which of the host's services to be started first it was; 0 where it never was. */
  startOrdinal = 0;
  #history: ServiceHistory | undefined = undefined;
  #calls: CallList | undefined = undefined;
  #actions: Map<string, ActionRuntime> | undefined = undefined;
  #rare: RareParts | undefined = undefined;

  constructor(host: HostKernel, definition: AnyServiceDefinition, state: ServiceState) {
    this.host = host;
    this.definition = definition;
    this.state = state;
  }

  get name(): string {
    return this.#rare?.name ?? this.definition.name;
  }

  set name(name: string) {
    this.parts.name = name;
  }

  get kind(): ServiceKind {
    return this.#rare?.kind ?? this.definition.kind;
  }

  set kind(kind: ServiceKind) {
    this.parts.kind = kind;
  }

  /** What its instance overrides; nothing before there is one. */
  get members(): ServiceMembers {
    return this.#rare === undefined ? noMembers : this.#rare.members;
  }

  get critical(): boolean {
    return this.members.isCritical ?? this.definition.options.isCritical ?? false;
  }

  get logger(): Logger {
    return (this.parts.logger ??= this.host.logger.child({ service: this.name }));
  }

  get settingsSection(): ServiceSettings {
    return (this.parts.settings ??= new ServiceSettings(this));
  }

  get configuration(): Configuration {
    return this.settingsSection.section;
  }

  get settings(): unknown {
    return this.settingsSection.value;
  }

  /** The lane of all its actions together, where it limits them. */
  get lane(): Lane | undefined {
    const { concurrency } = this.definition.options;
    return concurrency === undefined ? undefined : (this.parts.lane ??= new Lane(this.name, concurrency));
  }

  /** How often it was asked to stop. */
  get stopsAsked(): number {
    return this.#rare?.stopsAsked ?? 0;
  }

  noteStopAsked(): void {
    this.parts.stopsAsked++;
  }

  /** The start or stop under way. */
  get change(): ServiceChange | undefined {
    return this.#rare?.change;
  }

  set change(change: ServiceChange | undefined) {
    this.parts.change = change;
  }

  private get parts(): RareParts {
    return (this.#rare ??= new RareParts());
  }

  /** What it has done so far, to be read. */
  get history(): Readonly<ServiceHistory> {
    return this.#history ?? noHistory;
  }

  /** The same, to be written to. */
  get record(): ServiceHistory {
    return (this.#history ??= new ServiceHistory());
  }

  /** Calls and periodic runs under way; a poke counts as the run it asks for. */
  get inFlight(): number {
    return (this.#calls?.size ?? 0) - (this.#rare?.waiting ?? 0) - (this.work?.pokes ?? 0) + (this.work?.running ?? 0);
  }

  /** Calls that wait for a slot, pokes and ticks that wait for the run under way. */
  get waiting(): number {
    return (this.#rare?.waiting ?? 0) + (this.work?.waiting ?? 0);
  }

  /** Arrivals count from 0. */
  nextArrival(): number {
    return this.parts.arrivals++;
  }

  /** Counts a call as waiting until its turn comes, or it gives up. */
  async whileWaiting(turn: Promise<void>): Promise<void> {
    this.parts.waiting++;
    try {
      await turn;
    } finally {
      this.parts.waiting--;
    }
  }

  /** Every call accepted and not yet settled. */
  get calls(): Iterable<CallContext> {
    return this.#calls ?? [];
  }

  /** Whether nothing is under way and nothing waits. */
  get idle(): boolean {
    return (this.#calls === undefined || this.#calls.size === 0) && (this.work?.running ?? 0) === 0 && (this.work?.waiting ?? 0) === 0;
  }

  /** Whether a stop need not wait any more for calls and periodic runs to end by themselves. */
  get drained(): boolean {
    return (this.#calls?.size ?? 0) === (this.#rare?.late?.size ?? 0) && (this.work === undefined || (this.work.running === 0 && this.work.waiting === 0));
  }

  /** The action or built-in command of this name. @throws SoraError `SORA_ACTION_UNKNOWN` or `SORA_COMMAND_UNSUPPORTED`. */
  action(name: string): ActionRuntime {
    return this.#actions?.get(name) ?? this.makeAction(name);
  }

  private makeAction(name: string): ActionRuntime {
    const declared = this.definition.actions.get(name);
    const action = declared === undefined ? builtInCommand(this, name) : new ActionRuntime(this, declared, true);
    (this.#actions ??= new Map()).set(name, action);
    return action;
  }

  /** The way in for the commands of a name that its `handleCommand` takes. */
  command(name: string): ActionRuntime {
    const commands = (this.parts.commands ??= new Map<string, ActionRuntime>());
    let action = commands.get(name);
    if (action === undefined) commands.set(name, (action = new ActionRuntime(this, handledCommand(this, name), false)));
    return action;
  }

  /** Counts of an action, without making it. */
  countsOf(name: string): { readonly calls: number; readonly failures: number } {
    return this.#actions?.get(name) ?? { calls: 0, failures: 0 };
  }

  /** Actions and commands that have been called, by name. */
  get called(): ReadonlyMap<string, ActionRuntime> {
    const actions = this.#actions ?? nothingCalled;
    const commands = this.#rare?.commands;
    return commands === undefined ? actions : new Map([...commands, ...actions]); // what is in both is the same
  }

  /** Takes up that measuring has begun or ended. */
  remeasure(): void {
    for (const action of this.called.values()) action.refresh();
  }

  /** Makes one legal step of the state table. @throws Error for any other, since that is a defect of ours. */
  move(move: LifecycleMove, to: PlainPhase | ((since: number) => ServiceState)): void {
    const { phase } = this.state;
    const since = this.host.clock.now();
    const next = typeof to === "string" ? this.host.states.plain(to, since) : to(since);
    if (nextPhase(phase, move) !== next.phase) throw new Error(`Service ${this.name} cannot ${move} from ${phase} to ${next.phase}.`);
    this.state = next;
    this.direct = this.isDirect();
    this.host.serviceMoved(this, phase);
    this.workChanged();
  }

  /** Recomputes {@link direct}, after the host has begun to stop or an interceptor was added. */
  refresh(): void {
    this.direct = this.isDirect();
  }

  private isDirect(): boolean {
    const { phase } = this.state;
    const { options, behaviour } = this.definition;
    const lifetime = options.lifetime ?? "singleton";
    return (
      (phase === "running" || phase === "completed") &&
      !this.host.stopping &&
      this.host.interceptCall === undefined &&
      lifetime === "singleton" &&
      behaviour.executeAction === undefined
    );
  }

  /** Calls back at each change of state, until the returned function is called. */
  watch(watcher: () => void): () => void {
    const watchers = (this.parts.watchers ??= new Set());
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }

  /** Whether a call made by `parent` begins at once: the service runs, or it drains and the call comes from work that drains. */
  accepts(parent: WorkContext | undefined): boolean {
    const { state } = this;
    const { stopping } = this.host;
    if (state.phase === "running" || state.phase === "completed") return !stopping || parent?.host === this.host;
    if (state.phase !== "stopping" || state.remains !== undefined || parent === undefined || !this.instanceReady) return false;
    return stopping ? parent.host === this.host : parent.comesFrom(this);
  }

  private get instanceReady(): boolean {
    return this.definition.behaviour.create === undefined || this.instance !== undefined;
  }

  /** Resolves once {@link accepts} the call. @throws SoraError `SORA_SERVICE_DISABLED` or `SORA_SERVICE_UNAVAILABLE`. */
  async whenOpen(context: CallContext): Promise<void> {
    while (!this.accepts(context.parent)) {
      const { state } = this;
      if (state.phase === "disabled")
        throw new SoraError("SORA_SERVICE_DISABLED", `Cannot call ${this.name}: it is disabled by ${state.reason}.`, {
          details: { service: this.name, by: state.reason },
        });
      const comes = state.phase === "stopped" && this.host.starting;
      const origin = context.origin();
      if (comes && origin.holdsUpStart) throw this.unavailable("it starts only after the startup service that the call comes from");
      if (state.phase === "starting" && origin.startsService && origin.runtime === this)
        throw this.unavailable("it is starting, and the call comes from its own start");
      const waits = (comes || state.phase === "starting" || state.phase === "restarting") && !this.host.stopping;
      if (!waits) throw this.unavailable();
      await this.nextMove(context.cancellable || context.parent !== undefined ? context.signal : undefined);
    }
  }

  private unavailable(why?: string): SoraError {
    const { state } = this;
    const phase = this.host.stopping && state.phase !== "stopped" ? "stopping" : state.phase;
    const because = state.phase === "failed" ? ` ${describeError(state.error)}` : "";
    return new SoraError("SORA_SERVICE_UNAVAILABLE", `Cannot call ${this.name}: ${why ?? `it is ${phase}`}.${because}`, {
      details: { service: this.name, state: phase },
    });
  }

  private nextMove(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const done = (): void => {
        unwatch();
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      const stop = (): void => {
        unwatch();
        reject(signal?.reason as Error);
      };
      const unwatch = this.watch(done);
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  enter(call: CallContext): void {
    (this.#calls ??= new CallList()).add(call);
  }

  /**
   * Notes a call that came while the service, or its host, was stopping. What draining calls and runs ask for is drained too; what a long `execute` goes on asking for
   * until it is told to end, and what calls and runs have left behind, is not waited for.
   */
  noteLate(call: CallContext): void {
    if (!call.origin().endsByItself || call.parent?.isLeftover === true) (this.parts.late ??= new Set()).add(call);
  }

  leave(call: CallContext): void {
    const calls = this.#calls as CallList;
    call.settle();
    calls.remove(call);
    this.noteActivity();
    const late = this.#rare?.late;
    late?.delete(call);
    if (calls.size === (late?.size ?? 0)) this.workChanged();
  }

  /** Aborts the signals of all calls under way. */
  abortCalls(reason: Error): void {
    for (const call of this.calls) call.abort(reason);
  }

  /** Answers the callers of calls that did not end in time. */
  abandonCalls(reason: Error): void {
    for (const call of this.calls) call.abandon(reason);
  }

  /** Resolves when nothing is under way. */
  async whenIdle(): Promise<void> {
    while (!this.idle) await this.nextMove(undefined);
  }

  /** Resolves when the calls and periodic runs that a stop waits for have ended. */
  async whenDrained(): Promise<void> {
    while (!this.drained) await this.nextMove(undefined);
  }

  /** Tells those who watch that something has changed: the state, or that a run or the last call has ended. */
  workChanged(): void {
    const watchers = this.#rare?.watchers;
    if (watchers !== undefined) for (const watcher of watchers) watcher();
  }

  noteError(error: unknown): void {
    const now = this.host.clock.now();
    const code = SoraError.is(error) ? error.code : undefined;
    this.record.lastError = code === undefined ? { message: describeError(error), at: now } : { message: describeError(error), code, at: now };
  }

  /** When a call or run last ended, or a run last told of progress, in milliseconds since the epoch; 0 where none has. */
  get lastActivity(): number {
    const { lastActivity } = this.history;
    return lastActivity === undefined ? 0 : this.host.activity.timeOf(lastActivity);
  }

  noteActivity(): void {
    const { record } = this;
    const moment = this.host.activity.moment();
    if (moment !== record.lastActivity) record.lastActivity = moment;
  }

  noteProgress(): void {
    this.noteActivity();
    this.record.lastProgress = this.host.clock.monotonic();
  }

  /** Watches a loop over `periodicTimer`, so that one that stops asking for ticks is noticed. */
  watchLoop(period: number): PeriodicObserver {
    return watchLoop(this, period);
  }

  /** Makes the instance that lives as long as the host, unless there is one. */
  ensureInstance(): void {
    if (this.instance !== undefined || this.definition.behaviour.create === undefined) return;
    if ((this.definition.options.lifetime ?? "singleton") !== "singleton") this.parts.scope = this.host.container.createScope();
    try {
      this.instance = createInstance(this, this.#rare?.scope ?? this.host.container);
    } catch (error) {
      void this.disposeInstance(); // what it took before it failed
      throw error;
    }
    this.parts.members = this.definition.behaviour.members?.(this.instance) ?? noMembers;
  }

  /** Calls `use` with the instance this piece of work gets, and disposes of it afterwards where it is its own. */
  async withInstance<R>(context: WorkContext, use: (instance: object | undefined) => R): Promise<Awaited<R>> {
    const lifetime = this.definition.options.lifetime ?? "singleton";
    if (lifetime === "singleton") {
      try {
        return await use(this.instance);
      } finally {
        if (context.scope !== undefined) await this.endScope(context.scope);
      }
    }
    const scope = this.host.container.createScope();
    context.scope = scope;
    let own: object | undefined;
    try {
      own = this.definition.behaviour.create === undefined ? undefined : createInstance(this, scope);
      return await use(own);
    } finally {
      try {
        await disposeValue(own);
      } catch (error) {
        this.logger.error("An instance could not be disposed of", { error });
      }
      await this.endScope(scope);
    }
  }

  /** Disposes of what one call or run has injected for itself. Never rejects. */
  async endScope(scope: CallScope): Promise<void> {
    try {
      await scope.dispose();
    } catch (error) {
      this.logger.error("A dependency could not be disposed of", { error });
    }
  }

  /** Disposes of the lasting instance, unless the program gave it; the next start makes a new one. Never rejects. */
  async disposeInstance(): Promise<void> {
    const { instance } = this;
    const scope = this.#rare?.scope;
    this.instance = undefined;
    if (scope !== undefined) this.parts.scope = undefined;
    const { token } = this.definition.behaviour;
    const isGiven = token !== undefined && this.host.container.binding(token)?.kind === "value";
    try {
      if (!isGiven) await disposeValue(instance);
    } catch (error) {
      this.logger.error("The service could not be disposed of", { error });
    }
    if (scope !== undefined) await this.endScope(scope);
  }

  emit(event: ServiceEvent | string, args: unknown, emitter: WorkContext): Promise<void> {
    return emitEvent(this, event, args, emitter);
  }

  /** True the first time an event that the service does not declare is emitted; of names that are made up as it goes, for the first hundred. */
  firstUndeclared(event: string): boolean {
    const seen = (this.parts.undeclared ??= new Set());
    if (seen.has(event) || seen.size === mostUndeclared) return false;
    seen.add(event);
    return true;
  }
}
