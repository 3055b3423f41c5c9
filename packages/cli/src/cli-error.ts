/** Codes of the command line's own refusals; those of the service are the service's. All are in `docs/guide/cli.md`. */
export type CliErrorCode = "SORA_CLI_USAGE" | "SORA_CLI_JSON_INVALID" | "SORA_CLI_UNREACHABLE" | "SORA_CLI_NOT_SORA" | "SORA_CLI_EXISTS" | "SORA_CLI_FAILED";

export interface CliErrorOptions {
  /** What to do next, as a sentence. */
  readonly fix?: string;
  /** Exit status: 2 for bad usage, 1 for everything else. Default: 2 for the codes of usage. */
  readonly status?: 1 | 2;
  /** Facts for programs, shown with `--json` only. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Why a command could not do what it was asked: one line for people, an object for programs, and an exit status. */
export class CliError extends Error {
  readonly code: string;
  readonly fix: string | undefined;
  readonly status: 1 | 2;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: CliErrorCode | (string & {}), message: string, options: CliErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "CliError";
    this.code = code;
    this.fix = options.fix;
    this.status = options.status ?? (code === "SORA_CLI_USAGE" || code === "SORA_CLI_JSON_INVALID" ? 2 : 1);
    this.details = options.details ?? {};
  }
}
