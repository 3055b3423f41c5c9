import type { SoraErrorCode } from "@sora/core";
import type { WebErrorCode } from "../http/web-error-catalogue.ts";

/** What a problem document may say beside its standard members. */
export interface ProblemExtra {
  readonly fix?: string;
  readonly retryable?: boolean;
  /** Places in the body, by JSON pointer (RFC 6901). */
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
  readonly correlationId?: string;
  readonly nearest?: string;
  readonly known?: readonly string[];
  readonly supported?: readonly string[];
}

/** Every refusal of the control plane, as `application/problem+json` (RFC 9457). */
export interface ProblemDocument extends ProblemExtra {
  /** `urn:sora:error:` and the code. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Permanent, for programs. */
  readonly code: SoraErrorCode | WebErrorCode;
}
