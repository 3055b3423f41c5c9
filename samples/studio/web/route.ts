import type { IncomingMessage } from "node:http";
import type { SoraHost } from "@sora/core";

/** What a route has at hand. */
export interface RouteContext {
  readonly host: SoraHost;
  readonly request: IncomingMessage;
  readonly query: URLSearchParams;
}

/** Answers a request with what it returns, as JSON. */
export type Route = (context: RouteContext) => Promise<object>;
