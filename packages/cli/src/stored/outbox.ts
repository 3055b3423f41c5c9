import type { DeadMessage } from "@sora/core";
import type { OutboxRetryAnswer, OutboxState } from "@sora/web";
import { fromNow } from "../output/ages.ts";
import { table } from "../output/table.ts";
import { queryText, tell } from "../commands/session.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../commands/session.ts";

/** `sora outbox`: how much waits, and what could not be published. */
export async function showOutbox(session: Session, { limit }: { readonly limit?: number }): Promise<number> {
  const { paint, context } = session;
  const { body } = await session.client.get(`/api/outbox${queryText({ limit })}`);
  tell(session, body as OutboxState, ({ waiting, dead, messages }) => {
    const line = `${waiting} waiting, ${dead} dead.\n`;
    return messages.length === 0 ? line : `${table(columns(context.clock.now()), messages, { paint, width: context.stdout.columns })}\n${line}`;
  });
  return 0;
}

/** `sora outbox retry [sequence…]`: those, or all that are dead. */
export async function retryMessages(session: Session, sequences: readonly number[]): Promise<number> {
  const { body } = await session.client.post("/api/outbox/retry", sequences.length === 0 ? { all: true } : { sequences });
  const { retried } = body as OutboxRetryAnswer;
  tell(session, body, () => retriedText(retried, sequences));
  return retried < sequences.length ? 1 : 0;
}

function retriedText(retried: number, sequences: readonly number[]): string {
  const missing = sequences.length - retried;
  if (retried === 0)
    return `There ${sequences.length === 1 ? `is no dead message ${sequences[0]}` : "are no dead messages"}${missing > 1 ? " of these" : ""}.\n`;
  const others = missing > 0 ? `; ${missing} of those named ${missing === 1 ? "is" : "are"} not dead` : "";
  return `${retried === 1 ? "1 message is" : `${retried} messages are`} tried again${others}.\n`;
}

function columns(now: number): readonly Column<DeadMessage>[] {
  return [
    { title: "SEQUENCE", text: row => String(row.sequence), align: "right" },
    { title: "TOPIC", text: row => row.topic },
    { title: "KEY", text: row => row.key ?? "", spare: 1 },
    { title: "FAILURES", text: row => String(row.failures), align: "right" },
    { title: "WRITTEN", text: row => fromNow(row.writtenAt, now), spare: 2 },
    { title: "CAUSE", text: row => row.error, paint: (text, paint) => paint("red", text) },
  ];
}
