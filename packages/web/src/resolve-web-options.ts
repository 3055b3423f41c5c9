import { SoraError } from "@sora/core";
import type { Configuration, WebToken } from "@sora/core";
import { defaultBodyLimits } from "./http/json-body.ts";
import { bracketed, hostNameOf, isLoopback } from "./security/host-guard.ts";
import type { ResolvedWebOptions, WebOptions, WebTimeouts } from "./web-options.ts";

const defaultPort = 4310;
const defaultTimeouts: WebTimeouts = { headers: 10_000, request: 60_000, reply: 30_000 };
const shortestToken = 16;

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
 * @throws SoraError `SORA_CONFIGURATION_INVALID` with every problem: what is out of range or cannot work, and a control plane that would stand open in Production or away from loopback.
 */
export function resolveWebOptions(options: WebOptions, surroundings: WebSurroundings): ResolvedWebOptions {
  const { configuration, variables } = surroundings;
  const { address = configuration.get("Sora:Web:Address", "127.0.0.1"), prefix = "" } = options;
  const resolved: ResolvedWebOptions = {
    address,
    port: options.port ?? configuration.get<number>("Sora:Web:Port") ?? portOf(variables["PORT"]) ?? defaultPort,
    tokens: options.tokens ?? configuredTokens(configuration),
    allowedHosts: [...(options.allowedHosts ?? configuration.get<readonly string[]>("Sora:Web:AllowedHosts") ?? []), ...ownName(address)],
    allowedOrigins: options.allowedOrigins ?? configuration.get<readonly string[]>("Sora:Web:AllowedOrigins") ?? [],
    prefix: prefix === "/" ? "" : prefix,
    limits: { ...defaultBodyLimits, ...options.limits },
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    streams: options.streams ?? 32,
  };
  const problems = [...problemsOf(resolved), ...standsOpen(resolved, surroundings.environment)];
  if (problems.length > 0)
    throw new SoraError("SORA_CONFIGURATION_INVALID", `Cannot serve the control plane: ${problems.join("; ")}.`, {
      details: { problems },
      fix: "Correct the host's option `web`, or Sora:Web in the configuration (for the token, the variable Sora__Web__Token).",
    });
  return resolved;
}

/** `Sora:Web:Token`, which may everything, and those under `Sora:Web:Tokens` by their names. */
function configuredTokens(configuration: Pick<Configuration, "get">): WebToken[] {
  const token = configuration.get("Sora:Web:Token");
  const named = configuration.get<Readonly<Record<string, Readonly<Record<string, unknown>> | null>>>("Sora:Web:Tokens") ?? {};
  const tokens = Object.entries(named).flatMap(([name, entry]) =>
    entry === null ? [] : [{ name, token: memberOf(entry, "token"), scope: memberOf(entry, "scope") }],
  );
  return [...(token === undefined || token === null ? [] : [{ name: "admin", token, scope: "admin" }]), ...tokens] as WebToken[];
}

/** Keys of the configuration are the same in any case. */
function memberOf(section: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.entries(section).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** An address that names this machine is a name it may be called by; one that stands for every address is nobody's name. */
function ownName(address: string): string[] {
  return address === "0.0.0.0" || address === "::" || address === "" ? [] : [bracketed(address)];
}

/** A port of the environment; NaN for what is none, which is refused with the rest. */
function portOf(text: string | undefined): number | undefined {
  return text === undefined || text.trim() === "" ? undefined : Number(text);
}

function* problemsOf({ address, port, tokens, allowedHosts, allowedOrigins, prefix, limits, timeouts, streams }: ResolvedWebOptions): Generator<string> {
  if (typeof address !== "string" || address === "") yield "the address is not a host name or an IP address";
  if (!Number.isInteger(port) || port < 0 || port > 65_535) yield `the port ${port} is not an integer from 0 to 65535`;
  yield* tokenProblems(tokens);
  for (const host of allowedHosts) if (hostNameOf(host) === undefined) yield `the allowed host ${JSON.stringify(host)} is not a host name`;
  for (const origin of allowedOrigins)
    if (!isOrigin(origin)) yield `the allowed origin ${JSON.stringify(origin)} is not a scheme and a host, such as https://ops.example.com`;
  if (!/^(?:\/[\w~.-]+)*$/.test(prefix)) yield `the prefix ${JSON.stringify(prefix)} is not a path such as /sora`;
  for (const [name, value] of Object.entries({ ...limits, streams }))
    if (!Number.isInteger(value) || value < 0) yield `the limit \`${name}\` is not an integer of 0 or more`;
  for (const [name, value] of Object.entries(timeouts))
    if (!Number.isInteger(value) || value < 1) yield `the timeout \`${name}\` is not a whole number of milliseconds`;
}

function* tokenProblems(tokens: readonly WebToken[]): Generator<string> {
  const seen = new Set<string>();
  for (const { name, token, scope } of tokens) {
    const which = `the token "${name ?? scope}"`;
    if (typeof token !== "string" || token.length < shortestToken) yield `${which} has fewer than ${shortestToken} characters`;
    else if (!/^[\x21-\x7e]+$/.test(token)) yield `${which} has characters that a header does not carry unharmed: printable ASCII without spaces is needed`;
    else if (seen.has(token)) yield `${which} is also another's`;
    seen.add(token);
    if (!["read", "operate", "admin"].includes(scope)) yield `${which} has no scope of read, operate, admin`;
  }
}

function isOrigin(origin: string): boolean {
  return URL.canParse(origin) && /^https?:/i.test(origin) && new URL(origin).origin === origin.toLowerCase();
}

/** Without tokens everybody who gets through may do everything: that is for one's own machine, while developing or testing. */
function* standsOpen({ tokens, address }: ResolvedWebOptions, environment: string): Generator<string> {
  if (tokens.length > 0) return;
  if (environment !== "Development" && environment !== "Testing") yield `it has no token, which the environment ${environment} requires; set Sora:Web:Token`;
  else if (!isLoopback(address))
    yield `it has no token, which the address ${address} requires, since others can reach it; set Sora:Web:Token, or listen on 127.0.0.1`;
}
