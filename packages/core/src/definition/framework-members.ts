/**
 * Members of the base classes and the interfaces: the framework's own, so none of them is an action. The compiler leaves them out of what `do(…)` takes,
 * and an action declared on one is a problem of its definition.
 */
export const frameworkMembers = [
  "check",
  "clock",
  "configuration",
  "configure",
  "delay",
  "dispose",
  "emit",
  "execute",
  "executeAction",
  "executeCore",
  "executePeriodic",
  "handleCommand",
  "initialDelay",
  "isCritical",
  "isReady",
  "lifetime",
  "logger",
  "name",
  "onProcessBatch",
  "onTriggerNow",
  "period",
  "periodicTimer",
  "runOnStartup",
  "services",
  "settings",
  "startupOrder",
  "supportedCommands",
] as const;

export type FrameworkMember = (typeof frameworkMembers)[number];
