import { checkOptions, hostWebChecks, integer, listOf, optionError, optionsWith, readOptions, shown } from "@sora/core/internal";
import { hostNameOf } from "./security/host-guard.ts";
import type { WebToken } from "@sora/core";
import type { OptionChecks, Report } from "@sora/core/internal";
import type { BodyLimits } from "./http/json-body.ts";
import type { WebOptions, WebTimeouts } from "./web-options.ts";

const shortestToken = 16;

const limits: OptionChecks<BodyLimits> = { size: integer(0), depth: integer(0), keys: integer(0) };
/** Node's timers hold no more than this. */
const longestTimeout = 2 ** 31 - 1;
const timeouts: OptionChecks<WebTimeouts> = {
  headers: integer(1, longestTimeout),
  request: integer(1, longestTimeout),
  reply: integer(1, longestTimeout),
};

/** What each option of the control plane may be, wherever it was given. No token is shown. */
export const webChecks: OptionChecks<WebOptions> = {
  ...hostWebChecks,
  tokens: (what, value, report) => {
    hostWebChecks.tokens(what, value, report);
    if (Array.isArray(value)) checkTokens(value as readonly unknown[], index => `${what}[${index}].token`, report);
  },
  allowedHosts: listOf(hostName, "host names"),
  allowedOrigins: listOf(origin, "origins"),
  prefix: (what, value, report) => {
    if (typeof value !== "string" || (value !== "/" && !/^(?:\/[\w~.-]+)*$/.test(value))) report(`${what} is ${shown(value)}; it is a path such as /sora`);
  },
  limits: optionsWith(limits, "a body's limits"),
  timeouts: optionsWith(timeouts, "the timeouts"),
};

/** A frozen copy of options that are well by themselves. @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with them. */
export function checkedWebOptions(given: unknown): WebOptions {
  const problems: string[] = [];
  const report: Report = problem => void problems.push(problem);
  const options = readOptions(given, report, [], Object.keys(webChecks)) as WebOptions;
  checkOptions(options, webChecks, { owner: "the control plane" }, report);
  if (problems.length > 0) throw optionError("Cannot serve the control plane", problems);
  return options;
}

/** Reports tokens that are too short to be safe, that a header would not carry, or that two share; what is no token at all is another's to report. */
export function checkTokens(tokens: readonly unknown[], label: (index: number) => string, report: Report): void {
  const seen = new Set<string>();
  for (const [index, entry] of tokens.entries()) {
    const token: unknown = (Object(entry) as Partial<WebToken>).token;
    if (typeof token !== "string") continue;
    if (token.length < shortestToken) report(`${label(index)} has fewer than ${shortestToken} characters`);
    else if (!/^[\x21-\x7e]+$/.test(token))
      report(`${label(index)} has characters that a header does not carry unharmed: printable ASCII without spaces is needed`);
    else if (seen.has(token)) report(`${label(index)} is also another's`);
    seen.add(token);
  }
}

function hostName(what: string, value: unknown, report: Report): void {
  if (typeof value !== "string" || hostNameOf(value) === undefined) report(`${what} is ${shown(value)}; it is a host name, with or without a port`);
}

function origin(what: string, value: unknown, report: Report): void {
  if (typeof value !== "string" || !isOrigin(value)) report(`${what} is ${shown(value)}; it is a scheme and a host, such as https://ops.example.com`);
}

function isOrigin(value: string): boolean {
  return URL.canParse(value) && /^https?:/i.test(value) && new URL(value).origin === value.toLowerCase();
}
