import { SoraError } from "./sora-error.ts";

/** A call's time was over: its signal is aborted and the caller is answered, though the action itself may still be running. */
export class ActionTimeoutError extends SoraError {
  constructor(service: string, action: string, timeout: number, phase: "waiting" | "running") {
    const rest = phase === "waiting" ? "it was still waiting and has not begun" : "its signal has been aborted";
    const what = timeout === 0 ? "did not begin: no time was left for it" : `did not finish within ${Math.round(timeout)} ms; ${rest}`;
    super("SORA_ACTION_TIMEOUT", `Action ${service}.${action} ${what}.`, {
      details: { service, action, timeout, phase },
    });
  }
}

Object.defineProperty(ActionTimeoutError.prototype, "name", { value: "ActionTimeoutError", writable: true, configurable: true });
