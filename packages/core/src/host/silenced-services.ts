import type { HostKernel } from "./host-kernel.ts";

/** A host in which the environment silences most of what was asked for should not do so in silence: `NODE_ENV=test` alone is enough for it. */
export function tellOfSilenced(host: HostKernel): void {
  const silenced = host.registry.list().filter(({ state }) => state.phase === "disabled" && state.reason.includes("does not run in"));
  if (silenced.length === 0) return;
  const names = silenced
    .slice(0, 10)
    .map(service => service.name)
    .join(", ");
  host.logger.warn(`${silenced.length} of ${host.registry.size} services do not run in ${host.environment}: ${names}${silenced.length > 10 ? ", …" : ""}`, {
    environment: host.environment,
  });
}
