export { createSoraWeb, serveSora } from "./web-server.ts";
export type { SoraWeb, SoraWebServer } from "./web-server.ts";
export type { WebOptions } from "./web-options.ts";
export type { WebToken } from "./security/token-guard.ts";
export type { Scope } from "./security/principal.ts";
