import { nearestName } from "../options/nearest-name.ts";
import { dependencyNames } from "./dependency-names.ts";
import type { HostKernel } from "./host-kernel.ts";

/**
 * Warns of names in `dependsOn` that are neither a service's nor a health contributor's. They are no error, since a contributor may be added while the host runs; but
 * a misspelt one orders nothing and waits for nothing.
 */
export function tellOfUnknownDependencies(host: HostKernel): void {
  let known: Set<string> | undefined;
  for (const service of host.registry) {
    if (service.definition.options.dependsOn === undefined) continue;
    known ??= new Set([...Array.from(host.registry, ({ name }) => name), ...host.health.aggregator.checked()]);
    for (const name of dependencyNames(service)) {
      if (known.has(name)) continue;
      const nearest = nearestName(name, known);
      service.logger.warn(
        `It depends on "${name}", which is neither a service nor a health contributor of this host${nearest === undefined ? "" : `; did you mean "${nearest}"?`}`,
        { dependency: name },
      );
    }
  }
}
