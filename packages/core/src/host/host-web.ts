import { checkOptions, listOf } from "../options/option-check.ts";
import { filledText, integer, oneOf } from "../options/value-checks.ts";
import { loadPackage } from "./load-package.ts";
import type { OptionChecks, Report } from "../options/option-check.ts";
import type { HostKernel } from "./host-kernel.ts";
import type { SoraHost } from "./sora-host.ts";

/** A bearer token of the control plane and what whoever has it may do: `read` asks, `operate` also calls actions and commands, `admin` also starts and stops services. */
export interface WebToken {
  /** For audit lines. Default: the scope. */
  readonly name?: string;
  /** 16 characters or more. */
  readonly token: string;
  readonly scope: "read" | "operate" | "admin";
}

/** How the control plane of `@sora/web` stands. What is not given here is read from `Sora:Web` in the host's configuration. */
export interface HostWebOptions {
  /** Address to listen on. Default `Sora:Web:Address`, else `127.0.0.1`. */
  readonly address?: string;
  /** Default `Sora:Web:Port`, else the variable `PORT`, else 4310. 0 takes a free one. */
  readonly port?: number;
  /** Bearer tokens. Default: `Sora:Web:Token`, of scope `admin`, and those under `Sora:Web:Tokens`. Without any the plane is open, which it refuses to be in Production or away from loopback. */
  readonly tokens?: readonly WebToken[];
  /** Names in `Host` beside the loopback ones and the address itself. Default `Sora:Web:AllowedHosts`. */
  readonly allowedHosts?: readonly string[];
  /** Origins, such as `https://ops.example.com`, whose pages may use the API; they get CORS headers. Default `Sora:Web:AllowedOrigins`. */
  readonly allowedOrigins?: readonly string[];
  /** Event streams at once. Default 32. */
  readonly streams?: number;
}

/** What of the options can be told without knowing the configuration and the environment; `@sora/web` goes on from here. No token is shown. */
export const hostWebChecks: OptionChecks<HostWebOptions> = {
  address: filledText,
  port: integer(0, 65_535),
  tokens,
  allowedHosts: listOf(filledText, "host names"),
  allowedOrigins: listOf(filledText, "origins"),
  streams: integer(0),
};

const tokenChecks: OptionChecks<WebToken> = {
  name: filledText,
  token: (what, value, report) => {
    if (typeof value !== "string") report(`${what} is no string; it is one of 16 characters or more`);
  },
  scope: oneOf("read", "operate", "admin"),
};

function tokens(what: string, value: unknown, report: Report): void {
  if (!Array.isArray(value)) return report(`${what} is no list; it is a list of objects with token and scope`);
  for (const [index, token] of value.entries()) {
    if (typeof token !== "object" || token === null) report(`${what}[${index}] is no object; it has token and scope`);
    else checkOptions({ token: null, scope: null, ...token } as WebToken, tokenChecks, { owner: "a token" }, report, `${what}[${index}].`);
  }
}

/** The control plane that a host serves. */
export interface HostWeb {
  /** Where it listens, such as `http://127.0.0.1:4310`. */
  readonly url: string;
  readonly port: number;
}

/** Serves the control plane of a host that is starting; it becomes one of the host's doors, so the host's stop closes it. */
export async function openWeb(host: SoraHost, kernel: HostKernel, options: HostWebOptions, folder: string): Promise<HostWeb> {
  const { serveSora } = (await loadPackage("@sora/web", "serve the control plane, as the host's option `web` asks", folder)) as {
    readonly serveSora: (host: SoraHost, options: HostWebOptions) => Promise<HostWeb>;
  };
  kernel.logger.debug("Opening the control plane");
  return serveSora(host, options);
}
