import type { ServiceInfo } from "@sora/core";
import { CliError } from "../cli-error.ts";
import { oneLine } from "../output/printable.ts";
import { servicePath } from "../commands/session.ts";
import type { Session } from "../commands/session.ts";

/**
 * Why a list of what is stored for a service, or for one of its actions, may be empty: the host has none of this name. Starts with a space; nothing where the host has both, or does not say. What is
 * stored may be of a host that is gone, so that a name unknown here is no mistake by itself.
 */
export async function unknownNames({ client }: Session, service: string | undefined, action?: string): Promise<string> {
  if (service === undefined) return "";
  try {
    const { name, actions } = (await client.get(servicePath(service, "info"))).body as ServiceInfo;
    if (action === undefined || actions.some(known => known.name === action)) return "";
    const has = actions.length === 0 ? "none" : actions.map(known => known.name).join(", ");
    return ` ${oneLine(`${name} has no action "${action}" on this host; it has ${has}.`)}`;
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "SORA_SERVICE_UNKNOWN") return "";
    return ` ${oneLine(error.message)}${/[.?]$/.test(error.message) ? "" : "."}`;
  }
}
