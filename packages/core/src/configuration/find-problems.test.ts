import { describe, expect, test } from "vitest";
import { describeProblem } from "./configuration-problem.ts";
import { mergeSections } from "./configuration-node.ts";
import { readEnvironmentLayer } from "./environment-layer.ts";
import { readFileLayer } from "./file-layer.ts";
import { findConfigurationProblems } from "./find-problems.ts";
import type { KnownConfiguration } from "./find-problems.ts";
import { readObjectLayer } from "./object-layer.ts";
import { longestDuration } from "../time/duration.ts";

const host = (object: object) => readObjectLayer(object, { locate: () => ({ source: "host options" }) }).tree;
const problemsOf = (object: object, known?: KnownConfiguration) => findConfigurationProblems({ tree: host(object) }, known).problems.map(describeProblem);
const warningsOf = (object: object, known?: KnownConfiguration) =>
  findConfigurationProblems({ tree: host(object) }, known).warnings.map(({ message }) => message);
const services = (entries: object) => ({ Sora: { BackgroundServices: { Services: entries } } });

const referenceFile = {
  Sora: {
    BackgroundServices: {
      Enabled: true,
      StartupTimeoutSeconds: 120,
      FailFastOnStartupFailure: true,
      Services: {
        TranslationService: { Enabled: true, Settings: { MaxConcurrentTranslations: 5, SupportedLanguages: ["en", "pt-BR"] } },
        DataCleanupService: { Enabled: true, IntervalSeconds: 7200, StartupOrder: -1, Priority: 0, Settings: { RetentionDays: 30 } },
      },
    },
    Health: { Enabled: true, QuantizationWindowSeconds: 1 },
    Web: {
      Address: "0.0.0.0",
      Port: 4310,
      Token: "0123456789abcdef",
      Tokens: { ci: { Token: "fedcba9876543210", Scope: "operate" } },
      AllowedHosts: ["a.example"],
      AllowedOrigins: "https://a.example",
    },
    Store: { Url: "file:./sora.db" },
    Transport: { Url: "nats://127.0.0.1:4222" },
    Logging: { Level: "info", Format: "text" },
    Flow: { anything: ["goes"] },
  },
  ConnectionStrings: { Default: "x" },
};

describe("findConfigurationProblems", () => {
  test("finds nothing in the reference's own file, in any case of its keys", () => {
    const known = { serviceNames: ["TranslationService", "DataCleanupService"] };
    expect(findConfigurationProblems({ tree: host(referenceFile) }, known)).toMatchObject({ problems: [], warnings: [] });
    const lower = JSON.parse(JSON.stringify(referenceFile).replace(/"(\w+)":/g, name => name.toLowerCase())) as object;
    expect(findConfigurationProblems({ tree: host(lower) }, known)).toMatchObject({ problems: [], warnings: [] });
    expect(findConfigurationProblems({ tree: host({}) })).toMatchObject({ problems: [], warnings: [] });
  });

  test("finds all problems at once, each with file, line, path, expected, got and the nearest key", () => {
    const text = `{
  "Sora": {
    "BackgroundServices": {
      "Enabled": "yes",
      "StartupTimeoutSeconds": 0,
      "FailFast": true,
      "Services": {
        "Cleanup": {
          "IntervalSecond": 60,
          "IntervalSeconds": 0,
          "Settings": [1]
        }
      }
    }
  }
}`;
    const { tree } = readFileLayer("/app/appsettings.json", { kind: "text", text });
    const { problems } = findConfigurationProblems({ tree }, { serviceNames: ["Cleanup"] });
    const at = (line: number, path: string) => ({ file: "/app/appsettings.json", line, source: `appsettings.json:${line}`, path });
    expect(problems).toEqual([
      {
        ...at(4, "Sora:BackgroundServices:Enabled"),
        expected: "true or false",
        got: 'the string "yes"',
        fix: "Give Enabled such a value, for example true, or remove it.",
      },
      {
        ...at(5, "Sora:BackgroundServices:StartupTimeoutSeconds"),
        expected: "a number greater than 0",
        got: "0",
        fix: "Give StartupTimeoutSeconds such a value, for example 120, or remove it.",
      },
      {
        ...at(6, "Sora:BackgroundServices:FailFast"),
        expected: "one of Enabled, StartupTimeoutSeconds, FailFastOnStartupFailure, Services in Sora:BackgroundServices",
        got: "the unknown key FailFast",
        nearest: "FailFastOnStartupFailure",
        fix: "Did you mean FailFastOnStartupFailure?",
      },
      {
        ...at(9, "Sora:BackgroundServices:Services:Cleanup:IntervalSecond"),
        expected: "one of Enabled, IntervalSeconds, StartupOrder, Priority, Settings in Sora:BackgroundServices:Services:Cleanup",
        got: "the unknown key IntervalSecond",
        nearest: "IntervalSeconds",
        fix: "Did you mean IntervalSeconds?",
      },
      {
        ...at(10, "Sora:BackgroundServices:Services:Cleanup:IntervalSeconds"),
        expected: "a number not less than 0.001",
        got: "0",
        fix: "Give IntervalSeconds such a value, for example 60, or remove it.",
      },
      { ...at(11, "Sora:BackgroundServices:Services:Cleanup:Settings"), expected: "an object", got: "an array", fix: "Make Settings an object, or remove it." },
    ]);
  });

  test("names the variable of a bad value of the environment, and the value that a stronger layer replaced not at all", () => {
    const file = host(services({ X: { IntervalSeconds: "never" } }));
    const { tree } = readEnvironmentLayer({ Sora__BackgroundServices__Services__X__IntervalSeconds: "soon" });
    expect(findConfigurationProblems({ tree: mergeSections(file, tree) }, { serviceNames: ["X"] }).problems.map(describeProblem)).toEqual([
      "Sora:BackgroundServices:Services:X:IntervalSeconds (environment variable Sora__BackgroundServices__Services__X__IntervalSeconds): " +
        'expected a number not less than 0.001, got "soon". Give IntervalSeconds such a value, for example 60, or remove it.',
    ]);
    const good = readEnvironmentLayer({ Sora__BackgroundServices__Services__X__IntervalSeconds: "60" });
    expect(findConfigurationProblems({ tree: mergeSections(file, good.tree) }, { serviceNames: ["X"] }).problems).toEqual([]);
  });

  test("takes seconds as far as a duration goes", () => {
    const longest = longestDuration / 1_000;
    expect(problemsOf(services({ X: { IntervalSeconds: longest } }))).toEqual([]);
    expect(problemsOf(services({ X: { IntervalSeconds: longest + 1 } }))).toEqual([expect.stringContaining(`got ${longest + 1}.`)]);
    expect(
      problemsOf({ Sora: { BackgroundServices: { StartupTimeoutSeconds: longest + 1 }, Health: { QuantizationWindowSeconds: longest + 1 } } }),
    ).toHaveLength(2);
  });

  test("refuses a value where a section belongs, at every level", () => {
    expect(problemsOf({ Sora: 5 })).toEqual(["Sora (host options): expected an object, got 5. Make Sora an object, or remove it."]);
    expect(problemsOf(services(["X"]))).toHaveLength(1);
    expect(problemsOf(services({ X: true }))).toHaveLength(1);
    expect(problemsOf({ Sora: { BackgroundServices: null, Web: null } })).toEqual([]);
  });

  test("refuses an unknown section under Sora, with the nearest, and points a stray key to its place", () => {
    expect(problemsOf({ Sora: { BackgroundService: {} } })).toEqual([expect.stringContaining("Did you mean BackgroundServices?")]);
    expect(problemsOf({ Sora: { Colours: {} } })).toEqual([expect.stringContaining("settings of your own stand beside Sora")]);
    expect(problemsOf(services({ X: { RetentionDays: 3 } }))).toEqual([expect.stringContaining('"Settings": { "RetentionDays": … }')]);
    expect(problemsOf({ Sora: { BackgroundServices: { Cleaner: {} } } }, { serviceNames: ["Cleaner"] })).toEqual([
      expect.stringContaining("Put it under Services."),
    ]);
  });

  test("takes further sections of other packages", () => {
    const sections = { Mesh: { type: "section", keys: { Size: { type: "number", example: 3 } } } } as const;
    expect(problemsOf({ Sora: { Mesh: { Size: 3 } } }, { sections })).toEqual([]);
    expect(problemsOf({ Sora: { Mesh: { Sise: 3 } } }, { sections })).toEqual([expect.stringContaining("Did you mean Size?")]);
  });

  test("holds every entry of a section of names to its rule", () => {
    expect(problemsOf({ Sora: { Web: { Tokens: { ci: { Token: "short", Scope: "root", Scop: "read" } }, AllowedHosts: [1], AllowedOrigins: "" } } })).toEqual([
      'Sora:Web:Tokens:ci:Token (host options): expected a string of at least 16 characters, got "***". Give Token such a value, for example "a long random string", or remove it.',
      'Sora:Web:Tokens:ci:Scope (host options): expected one of read, operate, admin, got the string "root". Give Scope such a value, for example "read", or remove it.',
      "Sora:Web:Tokens:ci:Scop (host options): expected one of Token, Scope in Sora:Web:Tokens:ci, got the unknown key Scop. Did you mean Scope?",
      expect.stringMatching(/AllowedHosts .*expected an array of strings, or one string with commas between them, got an array/),
      expect.stringMatching(/AllowedOrigins .*got the string ""/),
    ]);
  });

  test("never shows a secret", () => {
    const secret = "hunter2";
    const shown = problemsOf({ Sora: { Web: { Token: [secret] }, Store: { Url: { password: secret } }, Transport: { Url: `://u:${secret}@h` } } });
    shown.push(...problemsOf({ Sora: { Web: { Token: secret, Tokens: { ci: secret, ops: { Token: secret } } } } }));
    expect(shown).toHaveLength(6);
    expect(shown.join()).not.toContain(secret);
  });

  test("warns of an entry that no service owns, with the nearest name, and of all others in one line", () => {
    const known = { serviceNames: new Set(["DataCleanupService", "TranslationService"]) };
    expect(warningsOf(services({ datacleanupservice: {} }), known)).toEqual([]);
    expect(warningsOf(services({ DataCleanupServise: {}, Billing: {}, Mailer: {} }), known)).toEqual([
      "Sora:BackgroundServices:Services:DataCleanupServise (host options) belongs to no service of this host; did you mean DataCleanupService?",
      "Sora:BackgroundServices:Services:Billing (host options) and others belong to no service of this host, which is well where hosts share a file: Billing, Mailer.",
    ]);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`Q${index}`, {}]));
    expect(warningsOf(services(many), known)).toEqual([expect.stringContaining("and 490 more.")]);
  });

  test("warns of a misspelt Sora, and of no other section of the user's", () => {
    expect(warningsOf({ Soar: { BackgroundServices: {} } })).toEqual([expect.stringContaining("did you mean Sora?")]);
    expect(warningsOf({ Soar: { Wings: 2 }, Other: { Web: {} } })).toEqual([]);
  });

  test("holds a service's own section to the service's rule, wherever it stands", () => {
    const known = { serviceNames: ["Cleanup"], serviceSections: new Map([["Cleanup", "Jobs:Cleanup"]]) };
    expect(problemsOf({ Jobs: { Cleanup: { IntervalSeconds: 5, Settings: {} }, Other: 1 } }, known)).toEqual([]);
    expect(problemsOf({ jobs: { cleanup: { IntervalSecs: 5 } } }, known)).toEqual([
      expect.stringMatching(/^Jobs:Cleanup:IntervalSecs .*Did you mean IntervalSeconds\?$/),
    ]);
    const inSora = { serviceNames: ["Cleanup"], serviceSections: new Map([["Cleanup", "Sora:Jobs:Cleanup"]]) };
    expect(problemsOf({ Sora: { Jobs: { Cleanup: { Enabled: 1 } } } }, inSora)).toEqual([expect.stringContaining("Sora:Jobs:Cleanup:Enabled")]);
  });

  test("warns that the usual entry of a service with its own section has no effect", () => {
    const known = { serviceNames: ["Cleanup"], serviceSections: new Map([["Cleanup", "Jobs:Cleanup"]]) };
    expect(warningsOf(services({ Cleanup: {} }), known)).toEqual([
      expect.stringContaining("has no effect: the service Cleanup reads its configuration from Jobs:Cleanup."),
    ]);
    const shared = { serviceNames: ["A"], serviceSections: new Map([["A", "Sora:BackgroundServices:Services:Shared"]]) };
    expect(warningsOf(services({ Shared: {} }), shared)).toEqual([]);
  });
});
