import {
  addSora,
  defineService,
  delay,
  periodicTimer,
  ServiceAction,
  SoraBackgroundService,
  SoraHost,
  SoraPeriodicService,
  SoraServices,
  SoraStartupService,
} from "../index.ts";
import { SoraBackgroundServiceBase, SoraPeriodicServiceBase } from "../index.ts";
import { createTestHost, createVirtualClock } from "../testing/index.ts";
import type { ActionContext, SoraPeriodicService as Periodic } from "../index.ts";

// Wherever a duration is taken, a unit that is not there does not compile.

const service = defineService("Service", { actions: { work: async () => {} } });
declare const context: ActionContext;
declare const signal: AbortSignal;

// @ts-expect-error a unit that is not there
void SoraHost.start({ shutdownTimeout: "5 minutes" });
// @ts-expect-error a unit that is not there
addSora({ shutdownTimeout: "5min" });
// @ts-expect-error a unit that is not there
void createTestHost({ shutdownTimeout: "5 s" });
// @ts-expect-error a unit that is not there
void createVirtualClock().advance("5 s");
// @ts-expect-error a unit that is not there
createVirtualClock().block("5 s");

// @ts-expect-error a unit that is not there
SoraServices.of(service).do("work").withTimeout("5 s");
// @ts-expect-error a unit that is not there
void delay("5 s", signal);
// @ts-expect-error a unit that is not there
periodicTimer("5 s", signal);
// @ts-expect-error a unit that is not there
void context.delay("5 s");
// @ts-expect-error a unit that is not there
context.periodicTimer("5 s");

// @ts-expect-error a unit that is not there
SoraBackgroundService({ timeout: "5 s" });
// @ts-expect-error a unit that is not there
SoraBackgroundService({ stalledAfter: "5 s" });
// @ts-expect-error a unit that is not there
SoraBackgroundService({ restart: { delay: "5 s" } });
// @ts-expect-error a unit that is not there
SoraBackgroundService({ restart: { maxDelay: "5 s" } });
// @ts-expect-error a unit that is not there
SoraBackgroundService({ restart: { window: "5 s" } });
// @ts-expect-error a unit that is not there
SoraBackgroundService({ restart: { forgetAfter: "5 s" } });
// @ts-expect-error a unit that is not there
SoraPeriodicService({ every: "5 s" });
// @ts-expect-error a unit that is not there
SoraPeriodicService({ every: "1h", jitter: "5 s" });
// @ts-expect-error a unit that is not there
SoraStartupService({ timeout: "5 s" });
// @ts-expect-error a unit that is not there
ServiceAction({ timeout: "5 s" });
// @ts-expect-error a unit that is not there
ServiceAction("work", { retry: { delay: "5 s" } });
// @ts-expect-error a unit that is not there
ServiceAction({ retry: { maxDelay: "5 s" } });
// @ts-expect-error a unit that is not there
ServiceAction({ retry: { backoff: () => "5 s" } });

// @ts-expect-error a unit that is not there
defineService("Bad", { every: "5 s", execute() {} });
// @ts-expect-error a unit that is not there
defineService("Bad", { every: "1h", jitter: "5 s", execute() {} });
// @ts-expect-error a unit that is not there
defineService("Bad", { timeout: "5 s" });
// @ts-expect-error a unit that is not there
defineService("Bad", { stalledAfter: "5 s" });
// @ts-expect-error a unit that is not there
defineService("Bad", { restart: { delay: "5 s" } });
// @ts-expect-error a unit that is not there
defineService("Bad", { actions: { work: { timeout: "5 s", run: async () => {} } } });
// @ts-expect-error a unit that is not there
defineService("Bad", { actions: { work: { retry: { maxDelay: "5 s" }, run: async () => {} } } });
// @ts-expect-error a unit that is not there
defineService("Bad", { execute: async ({ delay: wait }) => wait("5 s") });

export class ByInterface implements Periodic {
  // @ts-expect-error a unit that is not there
  readonly period = "5 s";
  // @ts-expect-error a unit that is not there
  readonly initialDelay = "5 s";
  execute(): void {}
}

export class ByBase extends SoraPeriodicServiceBase {
  // @ts-expect-error a unit that is not there
  override readonly period = "5 s";
  // @ts-expect-error a unit that is not there
  override get initialDelay() {
    return "5 s" as const;
  }
  override async executePeriodic(): Promise<void> {
    // @ts-expect-error a unit that is not there
    await this.delay("5 s");
    // @ts-expect-error a unit that is not there
    this.periodicTimer("5 s");
  }
}

export class Waiting extends SoraBackgroundServiceBase {
  override async execute(): Promise<void> {
    // @ts-expect-error a unit that is not there
    await this.delay("5 s");
  }
}
