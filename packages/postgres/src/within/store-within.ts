import { SoraError } from "@sora/core/adapter";
import type { EnqueuedAction, NewAction, NewOutboxEntry, StoreTransaction } from "@sora/core/adapter";
import { codeOf, storeFailure } from "../connection/store-failure.ts";
import { takeHold, writeHeld } from "./hold.ts";
import { transactionClients } from "./transaction-clients.ts";
import type { Hold } from "./hold.ts";
import type { AskWithin, TransactionClient } from "./transaction-client.ts";

/**
 * Writes within a transaction of the user's own, through the functions of the schema that are there for this. Workers are told by a notification in the transaction, which PostgreSQL sends when it is
 * committed. It takes hold of the transaction at once: what is written once that has ended is refused, whatever the connection is used for by then.
 *
 * @throws SoraError `SORA_TRANSACTION_UNSUPPORTED` for what is no transaction of a client that is known.
 */
export function storeWithin(store: string, schema: string, transaction: unknown): StoreTransaction {
  const { client, ask } = clientOf(store, transaction);
  let held: Hold | undefined = takeHold(ask);
  const write = async (called: string, given: readonly unknown[]): Promise<string> => {
    const hold = held ?? takeHold(ask);
    held = undefined; // one is good for one write
    try {
      const written = await writeHeld(hold, { ask, pipelines: client.pipelines === true }, `${schema}.${called}`, JSON.stringify(given));
      if (written !== undefined) return written;
    } catch (error) {
      throw client.hasEnded?.(error) === true ? ended(store, error) : failure(store, error);
    }
    throw ended(store, undefined);
  };
  return {
    enqueue: async (actions: readonly NewAction[]): Promise<readonly EnqueuedAction[]> => {
      if (actions.length === 0) return [];
      return (JSON.parse(await write("enqueue", actions)) as readonly EnqueuedAction[]).map(({ id, outcome }) => ({ id, outcome }));
    },
    append: async (entries: readonly NewOutboxEntry[]): Promise<void> => {
      if (entries.length > 0) await write("append_outbox", entries);
    },
  };
}

function clientOf(store: string, transaction: unknown): { readonly client: TransactionClient; readonly ask: AskWithin } {
  const candidate = (typeof transaction === "object" || typeof transaction === "function") && transaction !== null ? transaction : undefined;
  const client = candidate === undefined ? undefined : transactionClients.find(({ knows }) => knows(candidate));
  const ask = candidate === undefined ? undefined : client?.within(candidate);
  if (client !== undefined && ask !== undefined) return { client, ask };
  const why =
    client === undefined ? "what was given is no transaction of a client that is known here" : `what was given is not in a transaction, as ${client.name} is`;
  throw new SoraError("SORA_TRANSACTION_UNSUPPORTED", `Cannot write within a transaction of ${store}: ${why}.`, {
    fix: `Give one of: ${transactionClients.map(({ name }) => name).join("; ")}.`,
  });
}

function ended(store: string, cause: unknown): SoraError {
  return new SoraError(
    "SORA_TRANSACTION_UNSUPPORTED",
    `Cannot write within a transaction of ${store}: it, or its savepoint, had ended by then. Nothing was written.`,
    {
      ...(cause === undefined ? undefined : { cause }),
      fix: "Await the call inside the transaction, before it is committed or rolled back.",
    },
  );
}

function failure(store: string, error: unknown): SoraError {
  if (["3F000", "42883", "42P01"].includes(codeOf(error) ?? "")) {
    return new SoraError("SORA_TRANSACTION_UNSUPPORTED", `Cannot write within the transaction: its database has not the schema of ${store}.`, {
      cause: error,
    });
  }
  return storeFailure(store, "write within the transaction", error);
}
