import { CliError } from "../cli-error.ts";

/** Where the control plane is, and what opens it. */
export interface ControlAddress {
  readonly url: URL;
  readonly token: string | undefined;
}

const defaultUrl = "http://127.0.0.1:4310";

/**
 * The address from `--url` and `--token`, else from `SORA_URL` and `SORA_TOKEN`, else the default.
 *
 * @throws CliError of usage, which never repeats the token.
 */
export function controlAddress(given: { readonly url?: string; readonly token?: string }, env: Readonly<Record<string, string | undefined>>): ControlAddress {
  const named = given.url === undefined ? "SORA_URL" : "--url";
  const text = given.url ?? (env["SORA_URL"] || defaultUrl);
  return { url: readUrl(text, named), token: readToken(given.token ?? env["SORA_TOKEN"], given.token === undefined ? "SORA_TOKEN" : "--token") };
}

function readUrl(text: string, named: string): URL {
  const fix = `Write it as ${defaultUrl}.`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:"))
    throw new CliError("SORA_CLI_USAGE", `${named} is not an http or https address: ${JSON.stringify(withoutSecrets(text))}.`, { fix });
  if (url.username !== "" || url.password !== "")
    throw new CliError("SORA_CLI_USAGE", `${named} has a user name or password in it, which the control plane does not take.`, {
      fix: "Give a token by --token or SORA_TOKEN instead.",
    });
  if (url.search !== "" || url.hash !== "") throw new CliError("SORA_CLI_USAGE", `${named} has a query or a fragment in it.`, { fix });
  return url;
}

function readToken(text: string | undefined, named: string): string | undefined {
  const token = text?.trim();
  if (token === undefined || token === "") return undefined;
  if (/^[\w~+/.=-]+$/.test(token)) return token;
  throw new CliError("SORA_CLI_USAGE", `The token of ${named} has characters that no bearer token has.`, {
    fix: "A token is letters, digits and any of -._~+/=.",
  });
}

function withoutSecrets(text: string): string {
  return text.replace(/\/\/[^/@]*@/, "//***@").slice(0, 200);
}
