import { SoraError } from "../errors/sora-error.ts";
import { settlesWithin } from "../time/within.ts";
import { storeUrlProblems } from "./store-url.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { ConfigurationProblem } from "../configuration/configuration-problem.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { DurableRuntime } from "./durable-runtime.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { WorkerOptions } from "./worker-options.ts";

/** What a host was told of durable work. */
export interface DurableHostOptions {
  /** As given; else as configured; else the default, which is opened when it is first needed. */
  readonly store: StoreOption | undefined;
  /** False for a host that enqueues and never claims. */
  readonly worker: WorkerOptions | false;
  readonly contentRoot: string;
  /** What opens it; loaded when it is first needed where it is not given. */
  readonly open: OpenDurable | undefined;
}

/** A store, or what makes it of the host's configuration. */
export type StoreOption = DurableStore | ((configuration: Configuration) => DurableStore | Promise<DurableStore>);

export type OpenDurable = (host: HostKernel, options: DurableHostOptions, early: boolean) => Promise<DurableRuntime>;

/** Holds a host's durable part, which most programs never load: they pay for it with this object and one look for a file. */
export class DurableSlot {
  readonly #host: HostKernel;
  readonly #options: DurableHostOptions;
  #opening: Promise<DurableRuntime> | undefined = undefined;
  #open: DurableRuntime | undefined = undefined;
  #paused = false;
  #closed = false;

  constructor(host: HostKernel, options: DurableHostOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** Where it is open already. */
  get current(): DurableRuntime | undefined {
    return this.#open;
  }

  /** Whether there is anything to ask: it is open, or some host has made the default one. Without it nothing was stored, and asking would make one. */
  get exists(): boolean {
    return this.#opening !== undefined || this.#isGiven || this.#hasDefaultFile();
  }

  /** What is wrong with the configuration of the store, where that is what it is opened by. */
  get configurationProblems(): readonly ConfigurationProblem[] {
    return this.#options.store === undefined ? storeUrlProblems(this.#host.configuration, this.#options.contentRoot) : [];
  }

  /** Opens it where the host was given a store, or left work in the default one before. */
  async openAtStart(): Promise<void> {
    if (this.exists) await (this.#opening ??= this.#load(true));
  }

  /** Opens it if it is not. Rejects where the store cannot be opened; the next call tries again. From the end of the host's stop on, rejects with `SORA_HOST_NOT_RUNNING`. */
  open(): Promise<DurableRuntime> {
    if (this.#closed || this.#open?.closed === true) return Promise.reject(hostStopped());
    return (this.#opening ??= this.#load(false));
  }

  /** Nothing more is taken on, now or by a store that is opened yet. */
  pause(): void {
    this.#paused = true;
    this.#open?.pause();
  }

  /** Ends it within `limit` milliseconds, or little more; what did not end, in words. */
  async close(limit: number): Promise<readonly string[]> {
    try {
      if (this.#opening === undefined) return [];
      if (this.#open === undefined && !(await settlesWithin(this.#host.clock, this.#opening, limit))) return ["the store: opening it has not finished"];
      return this.#open === undefined ? [] : await this.#open.close(limit);
    } finally {
      this.#closed = true;
    }
  }

  async #load(early: boolean): Promise<DurableRuntime> {
    try {
      const open = this.#options.open ?? (await import("./durable-runtime.ts")).openDurableRuntime;
      const runtime = await open(this.#host, this.#options, early);
      if (this.#paused) runtime.pause();
      return (this.#open = runtime);
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  get #isGiven(): boolean {
    return this.#options.store !== undefined || this.#host.configuration.get("Sora:Store:Url", "") !== "";
  }

  #hasDefaultFile(): boolean {
    if (this.#host.environment === "Testing") return false;
    return process.getBuiltinModule("node:fs").existsSync(defaultFile(this.#options.contentRoot));
  }
}

function hostStopped(): SoraError {
  return new SoraError("SORA_HOST_NOT_RUNNING", "Cannot use the store: the host has stopped.", {
    fix: "Ask a host that runs and shares the store, or start a new one.",
  });
}

/** Where work is stored by a host that was told nothing of it. */
export function defaultFile(contentRoot: string): string {
  return process.getBuiltinModule("node:path").join(contentRoot, ".sora", "sora.db");
}
