import { createHash } from "node:crypto";
import type { HostControl } from "@sora/core/adapter";
import type { Exchange } from "../routing/exchange.ts";
import type { Principal } from "./principal.ts";

/** Bodies of exchanges that have been read, for the hash in their audit lines. */
const inputs = new WeakMap<Exchange, Uint8Array>();

/** Remembers what a request sent, for its audit line. */
export function noteInput(request: Exchange, body: Uint8Array): void {
  if (body.length > 0) inputs.set(request, body);
}

/** Writes a line for a mutation: who, what, a hash of the input and the outcome; never the input itself. */
export function audit(control: HostControl, request: Exchange, principal: Principal | undefined, status: number, code?: string): void {
  const body = inputs.get(request);
  control.logger.info("audit", {
    audit: true,
    who: principal?.name ?? "nobody",
    method: request.method,
    path: request.path.slice(0, 300),
    ...(body === undefined ? undefined : { input: createHash("sha256").update(body).digest("hex").slice(0, 16) }),
    status,
    ...(code === undefined ? undefined : { code }),
  });
}
