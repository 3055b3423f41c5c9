import type { WebToken } from "./security/token-guard.ts";
import type { BodyLimits } from "./http/json-body.ts";

/** How the control plane stands. What is not given here is read from `Sora:Web` in the host's configuration. */
export interface WebOptions {
  /** Address to listen on. Default `Sora:Web:Address`, else `127.0.0.1`. */
  readonly address?: string;
  /** Default `Sora:Web:Port`, else the variable `PORT`, else 4310. 0 takes a free one. */
  readonly port?: number;
  /** Bearer tokens. Default: `Sora:Web:Token`, of scope `admin`. */
  readonly tokens?: readonly WebToken[];
  /** Names in `Host` beside the loopback ones and the address itself. Default `Sora:Web:AllowedHosts`, comma-separated. */
  readonly allowedHosts?: readonly string[];
  /** Origins whose pages may send mutations, such as `https://ops.example.com`. Default `Sora:Web:AllowedOrigins`, comma-separated. */
  readonly allowedOrigins?: readonly string[];
  readonly limits?: Partial<BodyLimits>;
  /** Event streams at once. Default 32. */
  readonly streams?: number;
}

/** Options with defaults and configuration applied. */
export interface ResolvedWebOptions {
  readonly address: string;
  readonly port: number;
  readonly tokens: readonly WebToken[];
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly limits: BodyLimits;
  readonly streams: number;
}
