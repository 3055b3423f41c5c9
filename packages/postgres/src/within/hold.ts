import { randomUUID } from "node:crypto";
import type { AskWithin } from "./transaction-client.ts";

/** What tells a transaction from whatever its connection is used for afterwards: a mark that PostgreSQL forgets with it, or with the savepoint it was made in. */
export interface Hold {
  readonly mark: string;
  /** Settles when the mark is made, or cannot be. */
  readonly made: Promise<unknown>;
}

/** Begins what is not JSON, so that no library which reads JSON of its own accord touches the answer. */
const written = "written ";

/** The marks of the calls that are under way in a transaction, one after the other. */
const marks = "'sora.calls'";

/** Marks the transaction, by a statement that is asked for before this returns. */
export function takeHold(ask: AskWithin): Hold {
  const mark = randomUUID();
  const made = ask(`SELECT (set_config(${marks}, concat(current_setting(${marks}, true), $1::text), true) IS NOT NULL)::text AS answer`, [mark]);
  made.catch(() => {}); // heard by the write, which may never come where what was to be written is refused
  return { mark, made };
}

/**
 * Calls a function of the schema where the mark is still there, and takes the mark away; what the function answered, or undefined where it was not called. It raises nothing there, since that would
 * end the transaction of somebody else who has the connection by then.
 */
export async function writeHeld(
  { mark, made }: Hold,
  { ask, pipelines }: { readonly ask: AskWithin; readonly pipelines: boolean },
  called: string,
  given: string,
): Promise<string | undefined> {
  if (!pipelines) await made;
  const writing = ask(
    `SELECT CASE WHEN position($2::text IN current_setting(${marks}, true)) > 0
       THEN CASE WHEN set_config(${marks}, replace(current_setting(${marks}), $2::text, ''), true) IS NOT NULL THEN concat('${written}', ${called}($1::text::jsonb)::text) END
     END AS answer`,
    [given, mark],
  );
  writing.catch(() => {}); // where the mark could not be made, that says why
  await made;
  const answer = await writing;
  return typeof answer === "string" ? answer.slice(written.length) : undefined;
}
