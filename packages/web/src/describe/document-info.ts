import type { ServiceInfo } from "@sora/core";
import type { HostControl } from "@sora/core/adapter";

/** Title, version and description of a contract: the program's own, where it has a package. */
export function documentInfo(
  { name, environment }: HostControl,
  infos: readonly ServiceInfo[],
  description: string,
): { readonly title: string; readonly version: string; readonly description: string } {
  const own = infos.find(info => info.package !== undefined)?.package;
  return { title: own?.name ?? "Sora services", version: own?.version ?? "0.0.0", description: `${description}\n\nHost ${name}, ${environment}.` };
}
