import type { Session } from "./session.ts";

/**
 * From this length on, parameters are in a row of their own. SQLite writes a row anew with every change of it, and an action's row changes at least twice; the constant is where that outweighs
 * another row.
 */
const longest = 1_000;

/** Whether parameters stand apart from their action's row. */
export function parametersApart(parameters: string | undefined): parameters is string {
  return parameters !== undefined && parameters.length > longest;
}

/** What of them is in the row itself. */
export function parametersInRow(parameters: string | undefined): string | null {
  return parameters === undefined || parametersApart(parameters) ? null : parameters;
}

/** Writes what stands apart, or deletes it. */
export function setParametersApart({ sql }: Session, seq: number, parameters: string | undefined): void {
  if (parameters === undefined) sql.run("DELETE FROM sora_parameters WHERE seq = ?", seq);
  else sql.run("INSERT INTO sora_parameters (seq, parameters) VALUES (?, ?) ON CONFLICT (seq) DO UPDATE SET parameters = excluded.parameters", seq, parameters);
}

/** The parameters of a row, wherever they are. */
export function readParameters({ sql }: Session, seq: number, apart: number, inRow: string | null): string | undefined {
  if (apart === 0) return inRow ?? undefined;
  return sql.get<[string]>("SELECT parameters FROM sora_parameters WHERE seq = ?", seq)?.[0];
}
