import { SoraError } from "../errors/sora-error.ts";
import { settlesWithin } from "../time/within.ts";
import type { Patience } from "../injection/container.ts";
import type { HostKernel } from "./host-kernel.ts";

/** Milliseconds for all startup services together. */
export function startupTimeout({ configuration }: HostKernel): number {
  return configuration.get("Sora:BackgroundServices:StartupTimeoutSeconds", 120) * 1_000;
}

/** Lets the factories of dependencies take as long, all together, as startup services may. */
export function startupPatience(host: HostKernel): Patience {
  const { clock } = host;
  const limit = startupTimeout(host);
  const deadline = clock.monotonic() + limit;
  return async (made, name) => {
    if (await settlesWithin(clock, made, deadline - clock.monotonic())) return made;
    throw new SoraError(
      "SORA_STARTUP_TIMEOUT",
      `Cannot make ${name}, which the host provides: its factory has not finished within ${limit} ms (StartupTimeoutSeconds).`,
      {
        details: { dependency: name, timeout: limit, setting: "StartupTimeoutSeconds" },
      },
    );
  };
}
