import { launchNode } from "../run/launch-node.ts";
import { systemClock } from "./system-clock.ts";
import type { CommandContext } from "./command-context.ts";

/** The process's own streams, variables, folder and signals. */
export function processContext(): CommandContext {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    interrupted: () => {
      const controller = new AbortController();
      for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());
      return controller.signal;
    },
    launch: launchNode,
  };
}
