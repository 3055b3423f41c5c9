import type { HostWebOptions, WebToken } from "@sora/core";
import type { BodyLimits } from "./http/json-body.ts";

/** How the control plane stands, as the host's option `web` says it, and what only a program of its own needs. */
export interface WebOptions extends HostWebOptions {
  /** Path under which the control plane is mounted, such as `/sora`, where the server it is mounted in leaves that in the URL. Default none. */
  readonly prefix?: string;
  readonly limits?: Partial<BodyLimits>;
  readonly timeouts?: Partial<WebTimeouts>;
}

/** What a server of its own grants a client, in milliseconds. */
export interface WebTimeouts {
  /** For all headers of a request. Default 10,000. */
  readonly headers: number;
  /** For a whole request with its body. Default 60,000. */
  readonly request: number;
  /** For taking an answer that has been written. Default 30,000. */
  readonly reply: number;
}

/** Options with defaults and configuration applied. */
export interface ResolvedWebOptions {
  readonly address: string;
  readonly port: number;
  readonly tokens: readonly WebToken[];
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly prefix: string;
  readonly limits: BodyLimits;
  readonly timeouts: WebTimeouts;
  readonly streams: number;
}
