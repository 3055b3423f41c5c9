import { SoraError } from "../errors/sora-error.ts";
import { loadPackage } from "../host/load-package.ts";
import { createMemoryStore } from "./memory/memory-store.ts";
import { defaultFile } from "./durable-slot.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { DurableHostOptions } from "./durable-slot.ts";
import type { DurableStore } from "./store/durable-store.ts";

/**
 * The store a host works with: the one it was given, else what `Sora:Store:Url` names, else SQLite at `.sora/sora.db` under the content root, and memory in Testing.
 *
 * @throws SoraError `SORA_OPTION_INVALID` for a URL of no known kind, `SORA_PACKAGE_MISSING` where its adapter is not installed.
 */
export async function chooseStore(host: HostKernel, options: DurableHostOptions): Promise<DurableStore> {
  if (options.store !== undefined) return typeof options.store === "function" ? options.store(host.configuration) : options.store;
  const url = host.configuration.get("Sora:Store:Url", "");
  if (url !== "") return storeOf(url, options.contentRoot);
  return host.environment === "Testing" ? createMemoryStore() : sqlite(defaultFile(options.contentRoot));
}

async function storeOf(url: string, contentRoot: string): Promise<DurableStore> {
  const [scheme = ""] = url.split(":", 1);
  switch (scheme) {
    case "memory":
      return createMemoryStore();
    case "file":
      return sqlite(fileOf(url, contentRoot));
    case "postgres":
    case "postgresql": {
      const { createPostgresStore } = (await loadPackage("@sora/postgres", "keep stored actions in PostgreSQL, as `Sora:Store:Url` asks", contentRoot)) as {
        readonly createPostgresStore: (options: { readonly connectionString: string }) => DurableStore;
      };
      return createPostgresStore({ connectionString: url });
    }
    default:
      throw new SoraError("SORA_OPTION_INVALID", "Cannot open the store: the kind of `Sora:Store:Url` is not known.", {
        details: { scheme: scheme.slice(0, 20) },
        fix: "Use file:./sora.db, postgres://… or memory:.",
      });
  }
}

/** `file:./sora.db` is under the content root; `file:///var/lib/sora.db` is where it says. */
function fileOf(url: string, contentRoot: string): string {
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  return url.startsWith("file://") ? fileURLToPath(url) : process.getBuiltinModule("node:path").resolve(contentRoot, url.slice("file:".length));
}

async function sqlite(file: string): Promise<DurableStore> {
  const { createSqliteStore } = await import("./sqlite/sqlite-store.ts");
  return createSqliteStore({ file });
}
