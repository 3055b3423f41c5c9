import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { SoraError } from "@sora/core";
import type { SoraHost } from "@sora/core";
import type { SoraWeb } from "@sora/web";
import { HttpRefusal } from "../src/http-refusal.ts";
import { uploadFile } from "./file-controller.ts";
import { onDataChanged } from "./webhook-controller.ts";
import type { Route } from "./route.ts";

/** The studio's own routes, all of them POST. */
const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/upload", uploadFile],
  ["/api/webhooks/data-changed", onDataChanged],
]);

/** Answers the studio's own routes, guarded as the control plane guards its own, and leaves every other path to the control plane. */
export function createRequestListener(host: SoraHost, sora: SoraWeb): RequestListener {
  return (request, response) => {
    const [path = "", query] = (request.url ?? "").split("?", 2);
    const route = routes.get(path);
    if (route === undefined) sora.listener(request, response);
    else if (sora.admits(request, response)) void carryOut(route, host, request, response, new URLSearchParams(query));
  };
}

async function carryOut(route: Route, host: SoraHost, request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
  try {
    if (request.method !== "POST") throw new HttpRefusal(405, "This path takes POST.", { allow: "POST" });
    write(response, 200, "application/json", await route({ host, request, query }));
  } catch (error) {
    const { status, code, message, headers } = refusalFor(error);
    if (status === 500) host.logger.error("A request failed", { error });
    write(response, status, "application/problem+json", { status, code, detail: message }, headers);
    request.resume(); // what is still on its way is read and forgotten, so that the client gets to read why it was refused
  }
}

interface Refusal {
  readonly status: number;
  readonly code?: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the caller is told; of a failure that is the studio's own, only that there was one. */
function refusalFor(error: unknown): Refusal {
  if (error instanceof HttpRefusal) return error;
  if (SoraError.is(error)) return { status: error.retryable ? 503 : 500, code: error.code, message: error.message };
  return { status: 500, message: "The studio could not do it; its log has more." };
}

function write(response: ServerResponse, status: number, type: string, body: object, headers: Refusal["headers"] = {}): void {
  if (response.destroyed) return; // nobody is there to be told
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text), "x-content-type-options": "nosniff", ...headers });
  response.end(text);
}
