import { errorCatalogue } from "@sora/core/adapter";
import { statusTitles } from "../http/http-problem.ts";
import { problemStatuses } from "../http/to-problem.ts";
import { webErrorCatalogue } from "../http/web-error-catalogue.ts";
import { reference } from "./schema-book.ts";
import type { JsonSchema } from "./json-schema.ts";

interface Known {
  readonly code: string;
  readonly fix: string;
  readonly retryable: boolean;
}

/** The codes that come with each status; every other code of the core comes with 500. */
function codesByStatus(): Map<number, Known[]> {
  const found = new Map<number, Known[]>();
  const add = (status: number, known: Known): void => void found.set(status, [...(found.get(status) ?? []), known]);
  for (const [code, { status, fix, retryable }] of Object.entries(webErrorCatalogue)) add(status, { code, fix, retryable });
  for (const [code, { fix, retryable }] of Object.entries(errorCatalogue))
    add(problemStatuses[code as keyof typeof errorCatalogue] ?? 500, { code, fix, retryable });
  return found;
}

/** `components.responses`: a problem document for each status that can occur, with its codes. */
export function problemResponses(): Record<string, JsonSchema> {
  return Object.fromEntries(
    [...codesByStatus()].toSorted(([one], [other]) => one - other).map(([status, known]) => [responseName(status), problemResponse(status, known)]),
  );
}

/** Where an operation refers to the problem of a status. */
export function problemReference(status: number): JsonSchema {
  return { $ref: `#/components/responses/${responseName(status)}` };
}

function responseName(status: number): string {
  return `Problem${status}`;
}

const text = { type: "string" };
const headersOf: Readonly<Record<number, JsonSchema>> = {
  401: { "WWW-Authenticate": { description: "That a bearer token is asked for.", schema: text } },
  403: { "WWW-Authenticate": { description: "Which scope is asked for, where that is what is missing.", schema: text } },
  405: { Allow: { description: "What the path takes.", schema: text } },
  503: { "Retry-After": { description: "In how many seconds to ask again, where that can help.", schema: text } },
};

function problemResponse(status: number, known: readonly Known[]): JsonSchema {
  const title = statusTitles[status] ?? "Error";
  const codes = known.map(({ code }) => code);
  return {
    description: `${title}: ${codes.join(", ")}.`,
    ...(headersOf[status] === undefined ? undefined : { headers: headersOf[status] }),
    content: {
      "application/problem+json": {
        schema: { allOf: [reference("Problem"), { type: "object", properties: { status: { const: status }, code: { enum: codes } } }] },
        examples: Object.fromEntries(
          known.map(({ code, fix, retryable }) => [
            code,
            { value: { type: `urn:sora:error:${code}`, title, status, detail: "What could not be done, and why.", code, fix, retryable } },
          ]),
        ),
      },
    },
  };
}
