export { serveSora } from "./web-server.ts";
export type { SoraWebServer } from "./web-server.ts";
export { createSoraWeb } from "./sora-web.ts";
export type { SoraWeb } from "./sora-web.ts";
export type { WebOptions, WebTimeouts } from "./web-options.ts";
export type { BodyLimits } from "./http/json-body.ts";
export { webErrorCatalogue } from "./http/web-error-catalogue.ts";
export type { WebErrorCode } from "./http/web-error-catalogue.ts";
export type { HostWebOptions, WebToken } from "@sora/core";
