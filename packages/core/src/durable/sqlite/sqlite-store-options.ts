import { SoraError } from "../../errors/sora-error.ts";
import type { Duration } from "../../time/duration.ts";
import { checkedElsewhere } from "../../options/option-check.ts";
import { readChecked } from "../../options/read-checked.ts";
import { parseDuration } from "../../time/duration.ts";
import { checkedLease } from "../store/store-lease.ts";
import type { OptionChecks } from "../../options/option-check.ts";
import type { ThreadSettings } from "./thread/thread-protocol.ts";

export interface SqliteStoreOptions {
  /** Where the database is; a relative path is under the working directory. It is made where there is none, with its folder. Not on a network's file system. */
  readonly file: string | URL;
  /** How long a worker may go without renewing before its work is given to others. Default `"15s"`; from `"100ms"` to `"1h"`. */
  readonly lease?: Duration;
  /**
   * `full`, the default, has the disk confirm each commit, so that what was acknowledged survives a loss of power. `normal` leaves that to the operating system: a process that is killed loses nothing
   * all the same, but a machine that loses its power may lose the last moments.
   */
  readonly synchronous?: "full" | "normal";
  /** How long anything waits for another process's transaction before it is refused. Default `"10s"`. */
  readonly busyTimeout?: Duration;
}

export type CheckedOptions = Pick<ThreadSettings, "file" | "name" | "lease" | "synchronous" | "busyTimeout">;

/** Their names only: each value is looked at below. */
const checks: OptionChecks<SqliteStoreOptions> = {
  file: checkedElsewhere,
  lease: checkedElsewhere,
  synchronous: checkedElsewhere,
  busyTimeout: checkedElsewhere,
};

/** @throws SoraError `SORA_OPTION_INVALID` or `SORA_DURATION_INVALID`. */
export function checkedOptions(given: SqliteStoreOptions): CheckedOptions {
  const { file, lease, synchronous = "full", busyTimeout = "10s" } = readChecked(given, checks, "createSqliteStore", "Cannot make a SQLite store");
  if (synchronous !== "full" && synchronous !== "normal") refuse(`\`synchronous\` is ${JSON.stringify(synchronous)}`, 'Write "full" or "normal".');
  const path = checkedFile(file);
  return { file: path, name: `SQLite ${shown(path)}`, lease: checkedLease(lease), synchronous, busyTimeout: parseDuration(busyTimeout, "busyTimeout") };
}

function checkedFile(file: unknown): string {
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const path = file instanceof URL && file.protocol === "file:" ? fileURLToPath(file) : file;
  if (typeof path !== "string" || path.trim() === "" || path.includes("\0"))
    refuse(`\`file\` is ${JSON.stringify(path) ?? typeof path}`, "Give the path of a file.");
  if (path === ":memory:")
    refuse("`file` is `:memory:`, which the store's thread could not share with anybody", "Use `createMemoryStore()`, or give the path of a file.");
  return process.getBuiltinModule("node:path").resolve(path);
}

/** A path under the working directory is shown from there. */
function shown(path: string): string {
  const { isAbsolute, relative } = process.getBuiltinModule("node:path");
  const from = relative(process.cwd(), path);
  return from.startsWith("..") || isAbsolute(from) ? path : from;
}

function refuse(why: string, fix: string): never {
  throw new SoraError("SORA_OPTION_INVALID", `Cannot make a SQLite store: ${why}.`, { fix });
}
