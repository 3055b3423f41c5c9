import { redactText, SoraError } from "@sora/core/adapter";

/** What is said about an error of PostgreSQL or of the way to it. */
interface Diagnosis {
  readonly cause: string;
  readonly fix?: string;
  /** Whether asking again can help. */
  readonly passing: boolean;
}

/** Made from what went wrong while `doing` something with `store`. Codes are PostgreSQL's own, or those of Node's sockets. */
export function storeFailure(store: string, doing: string, error: unknown): SoraError {
  if (SoraError.is(error)) return error;
  const { cause, fix, passing } = diagnose(error);
  const code = codeOf(error);
  return new SoraError("SORA_STORE_UNAVAILABLE", `Cannot ${doing}: ${store} ${cause}`, {
    cause: error,
    retryable: passing,
    details: { store, ...(code === undefined ? undefined : { code }) },
    ...(fix === undefined ? undefined : { fix }),
  });
}

/** What has been closed, or not been opened, answers nobody. */
export function storeClosed(store: string): SoraError {
  return new SoraError("SORA_STORE_UNAVAILABLE", `Cannot use ${store}: it is not open.`, {
    fix: "Use it while a host that was given it runs, or call `open` first.",
  });
}

/** Of a SQL error, five characters; of a socket's, a name such as ECONNREFUSED. The libraries of users' transactions wrap it, or only quote it. */
export function codeOf(error: unknown): string | undefined {
  for (let one = error, depth = 0; typeof one === "object" && one !== null && depth < 5; one = (one as { cause?: unknown }).cause, depth++) {
    const { code, message } = one as { readonly code?: unknown; readonly message?: unknown };
    const quoted = typeof message === "string" ? /\bCode: `([0-9A-Z]{5})`/.exec(message)?.[1] : undefined;
    if (quoted !== undefined) return quoted;
    if (typeof code === "string") return code;
  }
  return undefined;
}

function diagnose(error: unknown): Diagnosis {
  const message = redactText(error instanceof Error ? messageOf(error) : String(error));
  const code = codeOf(error) ?? "";
  const said = `(${message})`;
  switch (code) {
    case "42501":
      return {
        cause: `has not the rights for it ${said}.`,
        fix: "Grant the user USAGE on the schema and SELECT, INSERT, UPDATE, DELETE on its tables, or have its owner run the program once: GRANT CREATE ON DATABASE lets the program make the schema itself.",
        passing: false,
      };
    case "28000":
    case "28P01":
      return {
        cause: `does not let the user in ${said}.`,
        fix: "Correct the user name and password of the connection, or the server's pg_hba.conf.",
        passing: false,
      };
    case "3D000":
      return { cause: `has no such database ${said}.`, fix: "Create the database, or name one that is there.", passing: false };
    case "3F000":
    case "42P01":
    case "42883":
      return {
        cause: `has not the schema it was opened with ${said}.`,
        fix: "Somebody has dropped or changed the schema: start the program again, which makes it where it is missing.",
        passing: false,
      };
    case "25006":
      return { cause: `takes no writes ${said}.`, fix: "Connect to the primary server: this is a standby, or set to read only.", passing: true };
    case "53100":
      return { cause: `has no room left ${said}.`, fix: "Make room on the server's disk.", passing: true };
    case "53200":
      return {
        cause: `is out of memory or of locks ${said}.`,
        fix: "Enqueue fewer actions with keys in one call, or raise max_locks_per_transaction.",
        passing: true,
      };
    case "53300":
      return { cause: `has no connection left ${said}.`, fix: "Lower `poolSize` of the hosts together below the server's max_connections.", passing: true };
  }
  if (isServerSide(code)) return { cause: `refused it ${said}.`, passing: isPassing(code) };
  return { cause: `does not answer ${said}.`, fix: "Start the server, or correct the host and port of the connection.", passing: true };
}

/** An error on every address of a host has its messages inside. */
function messageOf(error: Error): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(one => (one instanceof Error ? one.message : String(one))).join("; ");
  return error.message;
}

function isServerSide(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("57P") && !code.startsWith("08");
}

/** Classes of errors that come of the moment: conflicts between transactions, missing resources, an operator's hand. */
function isPassing(code: string): boolean {
  return ["40", "53", "55", "57", "58"].includes(code.slice(0, 2));
}
