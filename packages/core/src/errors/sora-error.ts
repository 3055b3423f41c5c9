import { errorCatalogue } from "./catalogue.ts";
import type { SoraErrorCode } from "./catalogue.ts";

export interface SoraErrorOptions {
  /** Facts a program can use: names, limits, seen values. They may reach logs and HTTP answers, so never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What to do next; the code's own sentence by default. */
  readonly fix?: string;
  readonly cause?: unknown;
  /** Whether the same request can succeed later; the code's own answer by default. */
  readonly retryable?: boolean;
}

/**
 * The one error Sora throws. `code` is permanent and listed in `docs/reference/errors.md`; `message` says what could
 * not be done, why, and the value seen; `fix` says what to do next.
 */
export class SoraError extends Error {
  readonly code: SoraErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly fix: string;
  readonly retryable: boolean;

  constructor(code: SoraErrorCode, message: string, options: SoraErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
    this.fix = options.fix ?? errorCatalogue[code].fix;
    this.retryable = options.retryable ?? errorCatalogue[code].retryable;
  }

  /** True for an error of this class from any copy of the package. */
  static is(value: unknown, code?: SoraErrorCode): value is SoraError {
    return isBranded(value) && (code === undefined || value.code === code);
  }
}

const brand = Symbol.for("sora.error");
Object.defineProperty(SoraError.prototype, "name", { value: "SoraError", writable: true, configurable: true });
Object.defineProperty(SoraError.prototype, brand, { value: true });

function isBranded(value: unknown): value is SoraError {
  try {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[brand] === true;
  } catch {
    return false; // a Proxy whose traps throw is somebody else's error
  }
}
