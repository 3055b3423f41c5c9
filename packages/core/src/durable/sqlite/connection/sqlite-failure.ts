import { describeError } from "../../../errors/describe-error.ts";
import { SoraError } from "../../../errors/sora-error.ts";

/** SQLite's primary result codes, of which the extended ones have more bits. */
const codes = {
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  tooBig: 18,
  constraint: 19,
  mismatch: 20,
  notADatabase: 26,
} as const;

interface Cause {
  readonly says: string;
  readonly fix: string;
  /** Whether it may pass by itself. */
  readonly passes: boolean;
}

const given: Cause = { says: "it does not take what was given", fix: "Give texts and finite numbers, and no text of a gigabyte.", passes: false };

const causes: ReadonlyMap<number, Cause> = new Map<number, Cause>([
  [
    codes.busy,
    {
      says: "another process, or a transaction that this one has open, keeps it locked",
      fix: "Where this process has a transaction open on the file, give it along: `enqueue({ transaction })`, `append(…, { transaction })`. Else end what holds one open, or raise `busyTimeout`.",
      passes: true,
    },
  ],
  [codes.locked, { says: "it is locked", fix: "End what holds a transaction open on the file.", passes: true }],
  [
    codes.readOnly,
    {
      says: "it cannot be written to",
      fix: "Give this program's user the right to write to the file and to its folder, where SQLite keeps two more files beside it.",
      passes: false,
    },
  ],
  [codes.ioError, { says: "the disk refuses", fix: "Look at the disk and its free space; the file must be on one of this machine's own.", passes: true }],
  [codes.corrupt, { says: "it is damaged", fix: "Put a backup in its place. Nothing has been changed.", passes: false }],
  [codes.full, { says: "the disk is full", fix: "Make room on the disk, then try again.", passes: true }],
  [
    codes.cannotOpen,
    {
      says: "it cannot be opened or made",
      fix: "Check that the path is that of a file, not of a folder, and that this program's user can write to the folder it is in.",
      passes: false,
    },
  ],
  [codes.tooBig, given],
  [codes.constraint, given],
  [codes.mismatch, given],
  [codes.notADatabase, { says: "it is no SQLite database", fix: "Give the store a file of its own. This one has not been changed.", passes: false }],
]);

/** What somebody wanted when SQLite refused: `open`, `use`. */
export type Attempted = "open" | "use";

/** What SQLite or the file system threw, as `SORA_STORE_UNAVAILABLE` with its cause and what to do; a SoraError as it is. */
export function storeFailure(attempted: Attempted, name: string, error: unknown): SoraError {
  if (SoraError.is(error)) return error;
  const cause = causeOf(error);
  return new SoraError("SORA_STORE_UNAVAILABLE", `Cannot ${attempted} ${name}: ${cause?.says ?? "it refuses"} (${describeError(error)}).`, {
    details: { store: name },
    cause: error,
    ...(cause === undefined ? { retryable: primaryCode(error) !== undefined } : { fix: cause.fix, retryable: cause.passes }),
  });
}

/** Whether SQLite refused because another connection is at work. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === codes.busy || code === codes.locked || code === codes.protocol;
}

function causeOf(error: unknown): Cause | undefined {
  const code = primaryCode(error);
  if (code !== undefined) return causes.get(code);
  const { code: name } = error as { readonly code?: unknown };
  if (name === "EACCES" || name === "EPERM" || name === "EROFS") return causes.get(codes.readOnly);
  if (name === "ENOSPC") return causes.get(codes.full);
  return typeof name === "string" && name.startsWith("E") && !name.startsWith("ERR_") ? causes.get(codes.cannotOpen) : undefined;
}

function primaryCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}
