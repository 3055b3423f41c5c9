/**
 * What stands under `Sora`. A section that is not listed here is refused, so that a misspelt one does not pass unseen; the
 * free ones belong to pillars that may share the file. A package with a section of its own hands its rule to `validateConfiguration`.
 * Seconds go as far as a duration does: to a million days.
 */
export const knownSections = {
  BackgroundServices: {
    type: "section",
    keys: {
      Enabled: { type: "boolean", default: true },
      StartupTimeoutSeconds: { type: "number", above: 0, maximum: 86_400_000_000, example: 120, default: 120 },
      FailFastOnStartupFailure: { type: "boolean", default: true },
      Services: {
        type: "named",
        services: true,
        each: {
          type: "section",
          keys: {
            Enabled: { type: "boolean" },
            IntervalSeconds: { type: "number", minimum: 0.001, maximum: 86_400_000_000, example: 60 },
            StartupOrder: { type: "number", integer: true, example: 100 },
            Priority: { type: "number", integer: true, example: 100 },
            Settings: { type: "free" },
          },
        },
      },
    },
  },
  Health: {
    type: "section",
    keys: {
      Enabled: { type: "boolean", default: true },
      QuantizationWindowSeconds: { type: "number", minimum: 1, maximum: 86_400_000_000, example: 10, default: 10 },
    },
  },
  Web: {
    type: "section",
    keys: {
      Address: { type: "text", example: "127.0.0.1" },
      Port: { type: "number", integer: true, minimum: 0, maximum: 65_535, example: 4310 },
      Token: { type: "text", shortest: 16, example: "a long random string" },
      Tokens: {
        type: "named",
        each: {
          type: "section",
          keys: {
            Token: { type: "text", shortest: 16, example: "a long random string" },
            Scope: { type: "choice", values: ["read", "operate", "admin"] },
          },
        },
      },
      AllowedHosts: { type: "list", example: ["ops.example.com"] },
      AllowedOrigins: { type: "list", example: ["https://ops.example.com"] },
    },
  },
  Store: { type: "section", keys: { Url: { type: "text", format: "url", schemes: ["file", "postgres", "postgresql", "memory"], example: "file:./sora.db" } } },
  Worker: { type: "section", keys: { Concurrency: { type: "number", integer: true, minimum: 1, example: 10, default: 10 } } },
  Transport: { type: "section", keys: { Url: { type: "text", format: "url", example: "nats://127.0.0.1:4222" } } },
  Logging: {
    type: "section",
    keys: {
      Level: { type: "choice", values: ["debug", "info", "warn", "error", "silent"] },
      Format: { type: "choice", values: ["json", "text"] },
    },
  },
  Flow: { type: "free" },
  Messaging: { type: "free" },
  Data: { type: "free" },
  Ai: { type: "free" },
  Storage: { type: "free" },
  Telemetry: { type: "free" },
} as const;

/** What one service's section may hold, wherever it stands. */
export const serviceRule: typeof knownSections.BackgroundServices.keys.Services.each = knownSections.BackgroundServices.keys.Services.each;
