import { SoraError } from "@sora/core/adapter";
import type { EnqueuedAction, NewAction, NewOutboxEntry, StoreTransaction } from "@sora/core/adapter";
import { codeOf, storeFailure } from "../connection/store-failure.ts";
import { transactionClients } from "./transaction-clients.ts";
import type { AskWithin } from "./transaction-client.ts";

/**
 * Writes within a transaction of the user's own, through the functions of the schema that are there for this. Workers are told by a notification in the transaction, which PostgreSQL sends when it is
 * committed.
 *
 * @throws SoraError `SORA_TRANSACTION_UNSUPPORTED` for what is no transaction of a client that is known.
 */
export function storeWithin(store: string, schema: string, transaction: unknown): StoreTransaction {
  const ask = askWithin(store, transaction);
  return {
    enqueue: async (actions: readonly NewAction[]): Promise<readonly EnqueuedAction[]> => {
      if (actions.length === 0) return [];
      const answer = await asked(store, ask, `SELECT ${schema}.enqueue($1::text::jsonb)::text AS answer`, JSON.stringify(actions));
      return (JSON.parse(answer) as readonly EnqueuedAction[]).map(({ id, outcome }) => ({ id, outcome }));
    },
    append: async (entries: readonly NewOutboxEntry[]): Promise<void> => {
      if (entries.length === 0) return;
      await asked(store, ask, `SELECT ${schema}.append_outbox($1::text::jsonb)::text AS answer`, JSON.stringify(entries));
    },
  };
}

function askWithin(store: string, transaction: unknown): AskWithin {
  const candidate = (typeof transaction === "object" || typeof transaction === "function") && transaction !== null ? transaction : undefined;
  const client = candidate === undefined ? undefined : transactionClients.find(({ knows }) => knows(candidate));
  const ask = candidate === undefined ? undefined : client?.within(candidate);
  if (ask !== undefined) return ask;
  const why =
    client === undefined ? "what was given is no transaction of a client that is known here" : `what was given is not in a transaction, as ${client.name} is`;
  throw new SoraError("SORA_TRANSACTION_UNSUPPORTED", `Cannot write within a transaction of ${store}: ${why}.`, {
    fix: `Give one of: ${transactionClients.map(({ name }) => name).join("; ")}.`,
  });
}

async function asked(store: string, ask: AskWithin, text: string, parameter: string): Promise<string> {
  try {
    return await ask(text, parameter);
  } catch (error) {
    if (["3F000", "42883", "42P01"].includes(codeOf(error) ?? "")) {
      throw new SoraError("SORA_TRANSACTION_UNSUPPORTED", `Cannot write within the transaction: its database has not the schema of ${store}.`, {
        cause: error,
      });
    }
    throw storeFailure(store, "write within the transaction", error);
  }
}
