import { SoraError } from "@sora/core";
import type { Configuration, WebToken } from "@sora/core";
import type { Report } from "@sora/core/internal";
import { defaultBodyLimits } from "./http/json-body.ts";
import { checkedWebOptions, checkTokens, webChecks } from "./check-web-options.ts";
import { bracketed, isLoopback } from "./security/host-guard.ts";
import type { ResolvedWebOptions, WebOptions, WebTimeouts } from "./web-options.ts";

const defaultPort = 4310;
const defaultTimeouts: WebTimeouts = { headers: 10_000, request: 60_000, reply: 30_000 };

/** What the options are held against. */
export interface WebSurroundings {
  readonly configuration: Pick<Configuration, "get">;
  readonly environment: string;
  /** The variables of the environment. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Fills in what the configuration says, then the defaults.
 *
 * @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with the options; `SORA_CONFIGURATION_INVALID` with every problem of what the configuration says in
 *   their place, or for a control plane that would stand open in Production or away from loopback.
 */
export function resolveWebOptions(given: WebOptions, { configuration, environment, variables }: WebSurroundings): ResolvedWebOptions {
  const options = checkedWebOptions(given);
  const problems: string[] = [];
  const report: Report = problem => void problems.push(problem);
  const setting = <K extends keyof WebOptions>(option: K, key: string): WebOptions[K] | undefined => {
    const value = configuration.get<WebOptions[K]>(key) ?? undefined;
    if (value !== undefined) webChecks[option](key, value, report);
    return value;
  };
  const { address = setting("address", "Sora:Web:Address") ?? "127.0.0.1", prefix = "" } = options;
  const resolved: ResolvedWebOptions = {
    address,
    port: options.port ?? setting("port", "Sora:Web:Port") ?? portOf(variables["PORT"], report) ?? defaultPort,
    tokens: options.tokens ?? configuredTokens(configuration, report),
    allowedHosts: [...(options.allowedHosts ?? setting("allowedHosts", "Sora:Web:AllowedHosts") ?? []), ...ownName(address)],
    allowedOrigins: options.allowedOrigins ?? setting("allowedOrigins", "Sora:Web:AllowedOrigins") ?? [],
    prefix: prefix === "/" ? "" : prefix,
    limits: { ...defaultBodyLimits, ...options.limits },
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    streams: options.streams ?? 32,
  };
  problems.push(...standsOpen(resolved, environment));
  if (problems.length > 0)
    throw new SoraError("SORA_CONFIGURATION_INVALID", `Cannot serve the control plane: ${problems.join("; ")}.`, {
      details: { problems },
      fix: "Correct Sora:Web in the configuration, or give the host's option `web` what it says (for the token, the variable Sora__Web__Token).",
    });
  return resolved;
}

/** `Sora:Web:Token`, which may everything, and those under `Sora:Web:Tokens` by their names. */
function configuredTokens(configuration: Pick<Configuration, "get">, report: Report): readonly WebToken[] {
  const single = configuration.get("Sora:Web:Token") ?? undefined;
  const named = configuration.get<Readonly<Record<string, Readonly<Record<string, unknown>> | null>>>("Sora:Web:Tokens") ?? {};
  const tokens = Object.entries(named).flatMap(([name, entry]) =>
    entry === null ? [] : [{ key: `Sora:Web:Tokens:${name}:`, name, token: memberOf(entry, "token"), scope: memberOf(entry, "scope") }],
  );
  const all = [...(single === undefined ? [] : [{ key: "Sora:Web:", name: "admin", token: single, scope: "admin" }]), ...tokens];
  for (const { key, token, scope } of all) {
    if (typeof token !== "string") report(`${key}Token is missing`);
    if (!scopes.includes(scope)) report(`${key}Scope is missing; it is one of ${scopes.join(", ")}`);
  }
  checkTokens(all, index => `${all[index]?.key}Token`, report);
  return all.map(({ name, token, scope }) => ({ name, token, scope }) as WebToken);
}

const scopes: readonly unknown[] = ["read", "operate", "admin"];

/** Keys of the configuration are the same in any case. */
function memberOf(section: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.entries(section).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** An address that names this machine is a name it may be called by; one that stands for every address is nobody's name. */
function ownName(address: string): string[] {
  return address === "0.0.0.0" || address === "::" || address === "" ? [] : [bracketed(address)];
}

function portOf(text: string | undefined, report: Report): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  webChecks.port("the variable PORT", /^\d+$/.test(text) ? Number(text) : text, report);
  return Number(text);
}

/** Without tokens everybody who gets through may do everything: that is for one's own machine, while developing or testing. */
function* standsOpen({ tokens, address }: ResolvedWebOptions, environment: string): Generator<string> {
  if (tokens.length > 0) return;
  if (environment !== "Development" && environment !== "Testing") yield `it has no token, which the environment ${environment} requires; set Sora:Web:Token`;
  else if (!isLoopback(address))
    yield `it has no token, which the address ${address} requires, since others can reach it; set Sora:Web:Token, or listen on 127.0.0.1`;
}
