import { hash } from "node:crypto";
import { redactText } from "@sora/core/adapter";
import { vetted } from "@sora/core/internal";
import type { LogFields, Logger } from "@sora/core/adapter";
import type { Exchange } from "../routing/exchange.ts";
import type { Principal } from "./principal.ts";

/** How a mutation ended. */
export interface AuditOutcome {
  readonly status: number;
  /** The code of the error, where it ended with one. */
  readonly code?: string | undefined;
  readonly correlationId?: string | undefined;
  /** Where what goes on can be found, of a mutation that was answered with 202. */
  readonly location?: string | undefined;
}

/** Writes a line for every mutation that was asked for: who, from where, what, a hash of the input, and the outcome; never the input itself. Where the logger writes no such line, it costs nothing. */
export class AuditLog {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  write(request: Exchange, principal: Principal, { status, code, correlationId, location }: AuditOutcome): void {
    if (this.#logger.isEnabled?.("info") === false) return;
    const { input, remoteAddress } = request;
    this.#line({
      [vetted]: true,
      audit: true,
      who: principal.name,
      from: remoteAddress,
      method: request.method,
      path: redactText(request.path.slice(0, 300)),
      input: input === undefined || input.length === 0 ? undefined : fingerprint(input),
      status,
      code,
      correlationId,
      location,
    });
  }

  /** The second line of a command that was answered with 202: how it went in the end. */
  ended(
    principal: Principal,
    call: { readonly id: string; readonly service: string; readonly action: string; readonly correlationId: string },
    code: string | undefined,
  ): void {
    if (this.#logger.isEnabled?.("info") === false) return;
    const { id, service, action, correlationId } = call;
    this.#line({
      [vetted]: true,
      audit: true,
      who: principal.name,
      call: id,
      service,
      action,
      outcome: code === undefined ? "completed" : "failed",
      code,
      correlationId,
    });
  }

  #line(fields: LogFields): void {
    try {
      this.#logger.info("audit", fields);
    } catch {
      // a logger of the program's own that throws must not take the answer with it
    }
  }
}

/** Enough of a hash to tell inputs apart in a log. */
export function fingerprint(input: Uint8Array): string {
  return hash("sha256", input).slice(0, 32);
}
