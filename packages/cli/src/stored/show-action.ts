import type { StoredActionOutcome } from "@sora/web";
import { fromNow } from "../output/ages.ts";
import { causeText } from "../output/cause-text.ts";
import { facts } from "../output/facts.ts";
import { oneLine } from "../output/printable.ts";
import { resultText } from "../output/result-text.ts";
import { tell } from "../commands/session.ts";
import { storedPaint } from "./stored-paint.ts";
import type { Paint } from "../output/paint.ts";
import type { Session } from "../commands/session.ts";

/** `sora actions show <id>`: where a stored action stands, and its result once it has one. */
export async function showAction(session: Session, id: string): Promise<number> {
  const { body } = await session.client.get(`/api/actions/${encodeURIComponent(id)}`);
  tell(session, body as StoredActionOutcome, action => actionText(action, session.context.clock.now(), session.paint));
  return 0;
}

function actionText(action: StoredActionOutcome, now: number, paint: Paint): string {
  const { error, parameters, progress, result, state } = action;
  const moment = (at: number | undefined): string | undefined => (at === undefined ? undefined : `${fromNow(at, now)}, at ${new Date(at).toISOString()}`);
  const cause = error === undefined ? undefined : causeText(error, now);
  const told = facts(
    [
      ["action", oneLine(`${action.service}.${action.action}`)],
      ["version", action.version === 1 ? undefined : String(action.version)],
      ["parameters", parameters === undefined ? undefined : oneLine(JSON.stringify(parameters))],
      ["attempts", `${action.attempt} of ${action.attempts}`],
      ["priority", action.priority === 0 ? undefined : String(action.priority)],
      ["key", action.key === undefined ? undefined : oneLine(action.key)],
      ["correlation id", action.correlationId === undefined ? undefined : oneLine(action.correlationId)],
      ["stored", moment(action.enqueuedAt)],
      ["due", state === "delayed" || state === "failed" ? moment(action.dueAt) : undefined],
      ["started", moment(action.startedAt)],
      ["finished", moment(action.finishedAt)],
      ["progress", progress === undefined ? undefined : oneLine(JSON.stringify(progress))],
      ["cause", cause === undefined ? undefined : paint(state === "dead" ? "red" : "yellow", cause)],
      ["cancelling", action.cancelRequested && state === "running" ? "its worker was asked to" : undefined],
    ],
    paint,
  );
  const outcome = result === undefined ? "" : `\n${resultText(result)}\n`;
  return `${paint("bold", oneLine(action.id))}  ${storedPaint(state, paint)}\n${told}${outcome}`;
}
