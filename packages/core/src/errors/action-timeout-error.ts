import { SoraError } from "./sora-error.ts";

/** A call's time was over, its own or, where `byDeadline`, that of what it is part of: its signal is aborted and the caller is answered, though the action itself may still be running. */
export class ActionTimeoutError extends SoraError {
  constructor(service: string, action: string, timeout: number, phase: "waiting" | "running", byDeadline = false) {
    const rest = phase === "waiting" ? "it was still waiting and has not begun" : "its signal has been aborted";
    const rounded = Math.round(timeout);
    const time = byDeadline ? `by its deadline, for which ${rounded} ms were left` : `within ${rounded} ms`;
    const what = timeout === 0 ? "did not begin: no time was left for it" : `did not finish ${time}; ${rest}`;
    super("SORA_ACTION_TIMEOUT", `Action ${service}.${action} ${what}.`, {
      details: { service, action, timeout: rounded, phase },
      ...(byDeadline && { fix: "Leave more time until the deadline, or make the action observe `context.signal` and finish sooner." }),
    });
  }
}

Object.defineProperty(ActionTimeoutError.prototype, "name", { value: "ActionTimeoutError", writable: true, configurable: true });
