import { CliError } from "../cli-error.ts";

/** Why there was no answer, from the error of a socket, a resolver or TLS. */
export function connectionError(error: unknown, url: string): CliError {
  const code = codeOf(error);
  const { hostname } = new URL(url);
  const [why, fix] = reasons[code] ?? [code === "" ? messageOf(error) : `${messageOf(error)} (${code})`, "Check --url or SORA_URL."];
  return new CliError("SORA_CLI_UNREACHABLE", `Nothing answers at ${url}: ${why.replace("%host", hostname)}.`, {
    fix,
    details: { url, reason: code },
    cause: error,
  });
}

const startOne = "Start a host with `sora run`, or say where one is by --url or SORA_URL.";
const checkUrl = "Check --url or SORA_URL.";
const lost = "See in the host's log whether it has stopped.";

const reasons: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: ["the connection is refused", startOne],
  ENOTFOUND: ["there is no host named %host", checkUrl],
  EAI_AGAIN: ["the name %host cannot be looked up now", "Check the network, then try again."],
  ETIMEDOUT: ["no connection within 10 seconds", "Check the address, and what stands between."],
  EHOSTUNREACH: ["there is no way to %host", checkUrl],
  ENETUNREACH: ["there is no way to %host", checkUrl],
  ECONNRESET: ["the connection was cut before the answer", lost],
  EPROTO: ["it does not speak https", "Write http instead of https in the address."],
  ERR_SSL_WRONG_VERSION_NUMBER: ["it does not speak https", "Write http instead of https in the address."],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ["it does not speak https", "Write http instead of https in the address."],
  HPE_INVALID_CONSTANT: ["what is there does not speak HTTP", checkUrl],
  DEPTH_ZERO_SELF_SIGNED_CERT: ["its certificate is signed by nobody known", "Name the certificate in NODE_EXTRA_CA_CERTS."],
  SELF_SIGNED_CERT_IN_CHAIN: ["its certificate is signed by nobody known", "Name the authority's certificate in NODE_EXTRA_CA_CERTS."],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["its certificate is signed by nobody known", "Name the authority's certificate in NODE_EXTRA_CA_CERTS."],
  CERT_HAS_EXPIRED: ["its certificate has expired", "Renew the certificate of the server."],
};

/** Where several addresses were tried, the first one's; a name that means both ::1 and 127.0.0.1 is refused at both. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== "" ? error.message : "the connection failed";
}
