import { refusal } from "./http-problem.ts";
import type { HttpProblem } from "./http-problem.ts";

/** Where far more was `announced` than is worth reading and forgetting, the connection ends with it. */
export function bodyTooLarge(limit: number, announced: number = 0): HttpProblem {
  return refusal("SORA_BODY_TOO_LARGE", `The body is larger than ${limit} bytes.`, undefined, announced > limit * 8 ? { connection: "close" } : undefined);
}

export function clientGone(): HttpProblem {
  return refusal("SORA_REQUEST_ABORTED", "The client went away before it had sent the whole body.");
}

/** A fault of the program that the control plane is mounted in. */
export function bodyGone(): HttpProblem {
  return refusal("SORA_INTERNAL", "Something in this server has read the body before the control plane could, and left nothing of it in `request.body`.", {
    fix: "Mount the control plane before what reads bodies; see docs/guide/http.md.",
  });
}
