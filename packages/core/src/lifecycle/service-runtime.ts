import { CalledActions } from "../actions/called-actions.ts";
import { CallsUnderWay } from "../actions/calls-under-way.ts";
import { Lane } from "../actions/lane.ts";
import { LastingInstance } from "./lasting-instance.ts";
import { nextPhase } from "./service-state.ts";
import { emitEvent } from "../events/emit-event.ts";
import { noHistory, ServiceHistory } from "./service-history.ts";
import { ServiceSettings } from "./service-settings.ts";
import type { ActionRuntime } from "../actions/action-runtime.ts";
import type { CallContext } from "../actions/call-context.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { AnyServiceDefinition, ServiceMembers } from "../definition/service-definition.ts";
import type { ServiceKind } from "../definition/service-kind.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { Logger } from "../logging/logger.ts";
import type { PeriodicObserver } from "../time/periodic-timer.ts";
import { watchLoop } from "./loop-watch.ts";
import type { ServiceChange } from "./service-change.ts";
import type { LifecycleMove, PlainPhase, ServiceState } from "./service-state.ts";
import type { ServiceWork } from "./service-work.ts";
import { Watchers } from "./watchers.ts";

const noMembers: ServiceMembers = Object.freeze({});
/** So that names with an id in them fill neither the log nor the memory. */
const mostUndeclared = 100;
const nothingCalled: ReadonlyMap<string, ActionRuntime> = new Map();
const noCalls: Readonly<CallsUnderWay> = Object.freeze(new CallsUnderWay());

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
  change: ServiceChange | undefined = undefined;
  /** How often it was asked to stop: a start that waits sees by it that it is no longer wanted. */
  stopsAsked = 0;
  watchers: Watchers | undefined = undefined;
}

/**
 * One service of one host: its state, its instance, what it is doing and has done. Everything that runs it (calls, runs, commands) goes through here,
 * so the counts are true. What most services never use is made when first needed; a host may hold a hundred thousand of these.
 */
export class ServiceRuntime {
  // Methods are `private` and fields `#`: a private method marks each object with a field more, and there may be a hundred thousand.
  readonly host: HostKernel;
  readonly definition: AnyServiceDefinition;
  /** How its runs are made to happen, once it has been started. */
  work: ServiceWork | undefined = undefined;
  /** Whether a call may go straight to the method: it runs, nothing stands around its calls, and it has one instance. */
  direct = false;
  /** Which of the host's services to be started first it was; 0 where it never was. */
  startOrdinal = 0;
  #state: ServiceState;
  #history: ServiceHistory | undefined = undefined;
  #lasting: LastingInstance | undefined = undefined;
  #calls: CallsUnderWay | undefined = undefined;
  #actions: CalledActions | undefined = undefined;
  #rare: RareParts | undefined = undefined;

  constructor(host: HostKernel, definition: AnyServiceDefinition, state: ServiceState) {
    this.host = host;
    this.definition = definition;
    this.#state = state;
  }

  /** Where it is in its life; changed by {@link move} alone. */
  get state(): ServiceState {
    return this.#state;
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
    return this.callsUnderWay.size - this.callsUnderWay.waiting - (this.work?.pokes ?? 0) + (this.work?.running ?? 0);
  }

  /** Calls that wait for a slot, pokes and ticks that wait for the run under way. */
  get waiting(): number {
    return this.callsUnderWay.waiting + (this.work?.waiting ?? 0);
  }

  /** Every call accepted and not yet settled. */
  get calls(): Iterable<CallContext> {
    return this.callsUnderWay;
  }

  private get callsUnderWay(): Readonly<CallsUnderWay> {
    return this.#calls ?? noCalls;
  }

  /** Whether nothing is under way and nothing waits. */
  get idle(): boolean {
    return this.callsUnderWay.size === 0 && this.isResting;
  }

  /** Whether a stop need not wait any more for calls and periodic runs to end by themselves. */
  get drained(): boolean {
    return this.callsUnderWay.drained && this.isResting;
  }

  private get isResting(): boolean {
    return this.work === undefined || (this.work.running === 0 && this.work.waiting === 0);
  }

  enter(call: CallContext): void {
    (this.#calls ??= new CallsUnderWay()).add(call);
  }

  leave(call: CallContext): void {
    const calls = this.#calls as CallsUnderWay;
    call.settle();
    calls.remove(call);
    this.noteActivity();
    if (calls.drained) this.workChanged();
  }

  /** Has a stop not wait for a call that has entered, where that may go on for ever. */
  noteLate(call: CallContext): void {
    this.#calls?.noteLate(call);
  }

  /** Counts a call that has entered as waiting until its turn comes, or it gives up. It gets its place among all that ever waited. */
  whileWaiting(turn: (arrival: number) => Promise<void>): Promise<void> {
    return (this.#calls ??= new CallsUnderWay()).whileWaiting(turn);
  }

  /** The action or built-in command of this name. @throws SoraError `SORA_ACTION_UNKNOWN` or `SORA_COMMAND_UNSUPPORTED`. */
  action(name: string): ActionRuntime {
    return (this.#actions ??= new CalledActions(this)).get(name);
  }

  /** The way in for the commands of a name that its `handleCommand` takes. */
  command(name: string): ActionRuntime {
    return (this.#actions ??= new CalledActions(this)).command(name);
  }

  /** Actions and commands that have been called, by name. */
  get called(): ReadonlyMap<string, ActionRuntime> {
    return this.#actions === undefined ? nothingCalled : this.#actions.all;
  }

  /** Makes one legal step of the state table. @throws Error for any other, since that is a defect of ours. */
  move(move: LifecycleMove, to: PlainPhase | ((since: number) => ServiceState)): void {
    const { phase } = this.state;
    const since = this.host.clock.now();
    const next = typeof to === "string" ? this.host.states.plain(to, since) : to(since);
    if (nextPhase(phase, move) !== next.phase) throw new Error(`Service ${this.name} cannot ${move} from ${phase} to ${next.phase}.`);
    this.#state = next;
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

  /** Resolves when nothing is under way. */
  async whenIdle(): Promise<void> {
    while (!this.idle) await this.nextChange();
  }

  /** Resolves when the calls and periodic runs that a stop waits for have ended. */
  async whenDrained(): Promise<void> {
    while (!this.drained) await this.nextChange();
  }

  /** Resolves at the next change of its state or its work. Rejects with the reason of `signal` where that aborts first. */
  nextChange(signal?: AbortSignal): Promise<void> {
    return (this.parts.watchers ??= new Watchers()).next(signal);
  }

  /** Tells those who wait that something has changed: the state, or that a run or the last call has ended. */
  workChanged(): void {
    this.#rare?.watchers?.tell();
  }

  noteError(error: unknown): void {
    this.record.noteError(error, this.host.clock.now());
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

  /** The one instance, or for other lifetimes the one that `execute`, `check` and subscriptions use. */
  get instance(): object | undefined {
    return this.#lasting?.value;
  }

  /** Makes the lasting instance, unless there is one. */
  ensureInstance(): void {
    const { create, members } = this.definition.behaviour;
    if (this.#lasting !== undefined || create === undefined) return;
    this.#lasting = new LastingInstance(this);
    this.parts.members = members?.(this.#lasting.value) ?? noMembers;
  }

  /** Disposes of the lasting instance; the next start makes a new one. Never rejects. */
  async disposeInstance(): Promise<void> {
    const lasting = this.#lasting;
    this.#lasting = undefined;
    await lasting?.dispose();
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
