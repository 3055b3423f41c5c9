import type { HostControl } from "@sora/core/adapter";
import { json } from "../routing/reply.ts";
import { asyncApiDocument } from "./asyncapi-document.ts";
import { openApiDocument } from "./openapi-document.ts";
import type { Route } from "../routing/route.ts";
import type { JsonSchema } from "./json-schema.ts";

/** The contracts: what can be asked of this host, and what it tells by itself. `routes` gives all there are, these two included; `open` tells whether requests need no token. */
export function contractRoutes(control: HostControl, routes: () => readonly Route[], open: boolean): Route[] {
  const count = (): number => [...control.services()].length;
  const openApi = kept(count, base => openApiDocument(control, routes(), base, open));
  const asyncApi = kept(count, (base, host) => asyncApiDocument(control, { base, host }));
  return [
    {
      method: "GET",
      path: "/openapi.json",
      scope: "read",
      summary: "OpenAPI 3.1 of every route and every action",
      handle: async ({ request: { base } }) => json<JsonSchema>(await openApi(base, "")),
    },
    {
      method: "GET",
      path: "/asyncapi.json",
      scope: "read",
      summary: "AsyncAPI 3 of every event",
      handle: async ({ request }) => json<JsonSchema>(await asyncApi(request.base, request.headers("host")[0] ?? "localhost")),
    },
  ];
}

type MakeDocument = (base: string, host: string) => Promise<JsonSchema>;

/** Keeps the document made last: definitions are frozen, so it differs by its reader's address, and by the service that a host has once it has a store. */
function kept(count: () => number, make: MakeDocument): MakeDocument {
  let last: { readonly base: string; readonly host: string; readonly services: number; readonly document: Promise<JsonSchema> } | undefined;
  return async (base, host) => {
    const services = count();
    if (last?.base !== base || last.host !== host || last.services !== services) last = { base, host, services, document: make(base, host) };
    try {
      return await last.document;
    } catch (error) {
      last = undefined;
      throw error;
    }
  };
}
