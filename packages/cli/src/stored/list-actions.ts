import type { ActionStatus, ActionStatusPage } from "@sora/core";
import { fromNow } from "../output/ages.ts";
import { oneLine } from "../output/printable.ts";
import { table } from "../output/table.ts";
import { queryText, tell } from "../commands/session.ts";
import { storedPaint } from "./stored-paint.ts";
import { unknownNames } from "./unknown-names.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../commands/session.ts";

export interface ActionsFlags {
  readonly state?: string;
  readonly service?: string;
  readonly action?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** `sora actions`: stored actions, the last stored first. */
export async function listActions(session: Session, { state, service, action, limit, cursor }: ActionsFlags): Promise<number> {
  const { paint, context } = session;
  const query = queryText({ state, service, action, limit, cursor });
  const { body } = await session.client.get(`/api/actions${query}`);
  const page = body as ActionStatusPage;
  const why = page.actions.length > 0 || session.json ? "" : await unknownNames(session, service, action);
  tell(session, page, ({ actions, next }) =>
    actions.length === 0
      ? `There are no stored actions${query === "" ? "" : " of this kind"}.${why}\n`
      : `${table(columns(context.clock.now()), actions, { paint, width: context.stdout.columns })}${next === undefined ? "" : `There are more: --cursor ${oneLine(next)}\n`}`,
  );
  return 0;
}

function columns(now: number): readonly Column<ActionStatus>[] {
  return [
    { title: "ID", text: row => row.id },
    { title: "STATE", text: row => row.state, paint: storedPaint },
    { title: "ACTION", text: row => `${row.service}.${row.action}` },
    { title: "VERSION", text: row => String(row.version), align: "right", idle: "1", spare: 3 },
    { title: "ATTEMPT", text: row => `${row.attempt}/${row.attempts}`, align: "right" },
    { title: "PRIORITY", text: row => String(row.priority), align: "right", idle: "0", spare: 2 },
    { title: "STORED", text: row => fromNow(row.enqueuedAt, now), spare: 1 },
    { title: "DUE", text: row => (row.state === "delayed" || row.state === "failed" ? fromNow(row.dueAt, now) : "") },
    { title: "KEY", text: row => row.key ?? "", spare: 4 },
    { title: "CAUSE", text: row => row.error?.message ?? "", paint: (text, paint, row) => paint(row.state === "dead" ? "red" : "dim", text) },
  ];
}
