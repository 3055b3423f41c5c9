import { loadPackage } from "../host/load-package.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import { defaultFile } from "./durable-slot.ts";
import { storeFile } from "./store-url.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { DurableHostOptions } from "./durable-slot.ts";
import type { DurableStore } from "./store/durable-store.ts";

/**
 * The store a host works with: the one it was given, else what `Sora:Store:Url` names, else SQLite at `.sora/sora.db` under the content root, and memory in Testing.
 *
 * @throws SoraError `SORA_PACKAGE_MISSING` where its adapter is not installed.
 */
export async function chooseStore(host: HostKernel, options: DurableHostOptions): Promise<DurableStore> {
  if (options.store !== undefined) return typeof options.store === "function" ? options.store(host.configuration) : options.store;
  const url = host.configuration.get("Sora:Store:Url", "");
  if (url !== "") return storeOf(url, options.contentRoot);
  return host.environment === "Testing" ? createMemoryStore() : sqlite(defaultFile(options.contentRoot));
}

/** Of one of the schemes that the configuration may name. */
async function storeOf(url: string, contentRoot: string): Promise<DurableStore> {
  if (url.startsWith("memory:")) return createMemoryStore();
  if (url.startsWith("file:")) return sqlite(storeFile(url, contentRoot));
  const { createPostgresStore } = (await loadPackage("@sora/postgres", "keep stored actions in PostgreSQL, as `Sora:Store:Url` asks", contentRoot)) as {
    readonly createPostgresStore: (options: { readonly connectionString: string }) => DurableStore;
  };
  return createPostgresStore({ connectionString: url });
}

async function sqlite(file: string): Promise<DurableStore> {
  const { createSqliteStore } = await import("./sqlite/sqlite-store.ts");
  return createSqliteStore({ file });
}
