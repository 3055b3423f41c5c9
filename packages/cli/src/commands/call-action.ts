import type { AcceptedCall, ActionAnswer, CommandAnswer, StoredCall } from "@sora/web";
import { CliError } from "../cli-error.ts";
import { oneLine } from "../output/printable.ts";
import { resultText } from "../output/result-text.ts";
import { withSpinner } from "../output/spinner.ts";
import { readParameters } from "./read-parameters.ts";
import { queryText, servicePath, tell } from "./session.ts";
import type { Session } from "./session.ts";

export interface CallFlags {
  /** False with `--no-wait`: the host answers at once, and the action goes on. */
  readonly wait: boolean;
  readonly correlationId?: string;
  /** The host does what is asked once for all calls with the same key, and gives each the same answer. */
  readonly idempotencyKey?: string;
}

/** What is said of a call that is stored. */
export interface StoreFlags {
  /** Stores the call, and prints the id of what is stored. */
  readonly enqueue?: boolean;
  readonly delay?: string;
  readonly deadline?: string;
  readonly key?: string;
  readonly priority?: number;
  readonly attempts?: number;
}

/** `sora do <service> <action> [json]`: calls an action, and prints what it returns; with `--enqueue` it is stored, and its id is printed. */
export async function callAction(
  session: Session,
  service: string,
  action: string,
  given: string | undefined,
  { enqueue = false, delay, deadline, key, priority, attempts, ...flags }: CallFlags & StoreFlags,
): Promise<number> {
  const query = queryText({ delay, deadline, key, priority, attempts });
  if (query !== "" && !enqueue)
    throw new CliError("SORA_CLI_USAGE", `--${query.slice(1).split("=", 1)[0]} is for calls that are stored.`, { fix: "Add --enqueue." });
  const parameters = await readParameters(given, session.context.stdin);
  const path = `${servicePath(service, "actions", action)}${query}`;
  if (!enqueue) return send(session, `${service}.${action}`, path, parameters, flags);
  return send(session, `${service}.${action}`, path, parameters, { ...flags, wait: false }, ({ id }) => `${oneLine(id)}\n`);
}

/** `sora trigger`, `check-queue`, `process-batch`: sends one of the commands every service of a kind understands. */
export function sendCommand(session: Session, service: string, command: string, parameters: unknown, flags: CallFlags): Promise<number> {
  return send(session, `${service}.${command}`, servicePath(service, command), parameters, flags);
}

async function send(
  session: Session,
  label: string,
  path: string,
  parameters: unknown,
  { wait, correlationId, idempotencyKey }: CallFlags,
  accepted?: (answer: AcceptedCall | StoredCall) => string,
): Promise<number> {
  const headers = {
    ...(wait ? undefined : { prefer: "respond-async" }),
    ...(correlationId === undefined ? undefined : { "x-correlation-id": headerValue("--correlation-id", correlationId, 200) }),
    ...(idempotencyKey === undefined ? undefined : { "idempotency-key": headerValue("--idempotency-key", idempotencyKey, 255) }),
  };
  const answer = session.client.post(path, parameters, headers);
  const { status, body, headers: answered } = await withSpinner(oneLine(label), session.context, session.paintError, answer);
  const isStored = String(answered["location"]).includes("/api/actions/");
  if (status === 202)
    tell(
      session,
      body as AcceptedCall | StoredCall,
      accepted ??
        (({ id, correlationId: correlation }) =>
          `${oneLine(label)} ${isStored ? "is stored as" : "goes on as call"} ${oneLine(id)}, correlation id ${oneLine(correlation)}.\n`),
    );
  else
    tell(
      session,
      body as ActionAnswer & Partial<CommandAnswer>,
      ({ message, result }) =>
        `${message === undefined ? "" : `${oneLine(message)}\n`}${resultLines(result) ?? (message === undefined ? `${oneLine(label)} is done.\n` : "")}`,
    );
  return 0;
}

/** @throws CliError of usage for what a header cannot carry. */
function headerValue(option: string, value: string, longest: number): string {
  if (value.length <= longest && /^[\x21-\x7E]+$/.test(value)) return value;
  throw new CliError("SORA_CLI_USAGE", `${option} is not 1 to ${longest} printable ASCII characters without spaces.`, {
    fix: "Take letters, digits and hyphens.",
  });
}

/** What was returned, in lines of its own; `undefined` where that is nothing. */
function resultLines(result: unknown): string | undefined {
  if (result === undefined || result === null) return undefined;
  const text = resultText(result);
  return text.endsWith("\n") ? text : `${text}\n`;
}
