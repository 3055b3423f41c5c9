import { defaultBodyLimits } from "./http/json-body.ts";
import type { Configuration } from "@sora/core";
import type { ResolvedWebOptions, WebOptions } from "./web-options.ts";

export const defaultPort = 4310;

/** Fills in what the configuration says, then the defaults. */
export function resolveWebOptions(options: WebOptions, configuration: Pick<Configuration, "get">, env: Readonly<Record<string, string | undefined>>): ResolvedWebOptions {
  const token = configuration.get<string>("Sora:Web:Token");
  const address = options.address ?? configuration.get("Sora:Web:Address", "127.0.0.1");
  return {
    address,
    port: options.port ?? configuration.get<number>("Sora:Web:Port") ?? portOf(env["PORT"]) ?? defaultPort,
    tokens: options.tokens ?? (token === undefined || token === "" ? [] : [{ token: String(token), scope: "admin" }]),
    allowedHosts: [...(options.allowedHosts ?? listOf(configuration.get<string>("Sora:Web:AllowedHosts"))), address],
    allowedOrigins: options.allowedOrigins ?? listOf(configuration.get<string>("Sora:Web:AllowedOrigins")),
    limits: { ...defaultBodyLimits, ...options.limits },
    streams: options.streams ?? 32,
  };
}

function listOf(text: string | undefined): string[] {
  return (text ?? "").split(",").map(part => part.trim()).filter(part => part !== "");
}

function portOf(text: string | undefined): number | undefined {
  const port = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : undefined;
}

/** Whether an address is reached from this machine alone. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || /^127(?:\.\d{1,3}){3}$/.test(address);
}
