import type { Launch } from "../context/command-context.ts";
import { exitStatus } from "./exit-status.ts";
import { forwardSignals } from "./forward-signals.ts";

/**
 * Runs a Node program in this terminal. Where the system can, this process becomes the program: signals, job control and the exit status are the program's own, and nothing
 * stands between it and whoever started `sora`. Elsewhere it is a child, which gets each signal once, and whose exit status is returned.
 */
export async function launchNode({ args, env }: Launch): Promise<number> {
  if (process.platform !== "win32" && typeof process.execve === "function") process.execve(process.execPath, [process.execPath, ...args], definedOnly(env));
  return launchChild({ args, env });
}

/** The same with a child in every case. */
export async function launchChild({ args, env }: Launch): Promise<number> {
  const { spawn } = await import("node:child_process");
  const child = spawn(process.execPath, args, { env: { ...env }, stdio: "inherit" });
  const letGo = forwardSignals(process, process.stdin.isTTY, (signal, delivered) => {
    if (!delivered) child.kill(signal);
  });
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(exitStatus(code, signal)));
    });
  } finally {
    letGo();
  }
}

function definedOnly(env: Launch["env"]): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
