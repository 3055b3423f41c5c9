import type { CancelAnswer, RetryAnswer } from "@sora/web";
import { CliError } from "../cli-error.ts";
import { errorDocument, errorLine } from "../output/error-line.ts";
import { jsonText } from "../output/json-text.ts";
import { oneLine } from "../output/printable.ts";
import type { Session } from "../commands/session.ts";

/** What became of one action: in words, and whether it is what was asked for. */
interface Told {
  readonly text: string;
  readonly done: boolean;
}

const cancelTexts: Readonly<Record<CancelAnswer["outcome"], Told>> = {
  cancelled: { text: "is cancelled.", done: true },
  requested: { text: "is under way; its worker was asked to cancel it.", done: true },
  finished: { text: "has its outcome already.", done: false },
};

/** `sora actions cancel <id…>`: ends with 1 where one of them could not be cancelled any more. */
export function cancelActions(session: Session, ids: readonly string[]): Promise<number> {
  return each<CancelAnswer>(session, ids, "cancel", ({ outcome }) => cancelTexts[outcome]);
}

/** `sora actions retry <id…>`: ends with 1 where one of them is in a state that is left as it is. */
export function retryActions(session: Session, ids: readonly string[]): Promise<number> {
  return each<RetryAnswer>(session, ids, "retry", ({ retried, before }) => ({
    text: retried ? `was ${before}, and is tried again.` : `is ${before}, and is left as it is.`,
    done: retried,
  }));
}

/** Asks for one after the other. One that is refused does not keep the rest from being asked for; a host that does not answer does. */
async function each<Answer>(session: Session, ids: readonly string[], verb: string, told: (answer: Answer) => Told): Promise<number> {
  const { context, client, json, paintError } = session;
  const documents: unknown[] = [];
  let status = 0;
  for (const id of ids) {
    try {
      const { body } = await client.post(`/api/actions/${encodeURIComponent(id)}/${verb}`);
      const { text, done } = told(body as Answer);
      documents.push(body);
      if (!done) status = Math.max(status, 1);
      if (!json) context.stdout.write(`${oneLine(id)} ${oneLine(text)}\n`);
    } catch (error) {
      if (!(error instanceof CliError) || (error.code.startsWith("SORA_CLI_") && error.code !== "SORA_CLI_USAGE")) throw error;
      documents.push({ id, ...(errorDocument(error) as object) });
      status = Math.max(status, error.status);
      if (!json) context.stderr.write(errorLine(error, paintError));
    }
  }
  if (json) context.stdout.write(jsonText(documents, context.stdout));
  return status;
}
