import { resolve } from "node:path";

import { describeError } from "../errors/describe-error.ts";
import type { ConfigurationProblem } from "./configuration-problem.ts";
import { createConfigurationRoot } from "./configuration-root.ts";
import type { ConfigurationRoot, FoundFile } from "./configuration-root.ts";
import { emptySection } from "./configuration-node.ts";
import type { ConfigurationLayer } from "./configuration-node.ts";
import { readEnvironmentLayer } from "./environment-layer.ts";
import { resolveEnvironment } from "./environment.ts";
import type { EnvironmentVariables } from "./environment.ts";
import { readObjectLayer } from "./object-layer.ts";
import type { LayerReading } from "./object-layer.ts";
import { readSettingsFile } from "./settings-file.ts";

export interface LoadConfigurationOptions {
  /** Where `appsettings.json` is looked for; the working directory by default. A given one must exist. */
  readonly contentRoot?: string;
  /** Whether the settings files are read at all, now and later; true by default. */
  readonly settingsFiles?: boolean;
  /** The environment's name; by default what `resolveEnvironment` makes of `env`. */
  readonly environment?: string;
  /** The variables of the environment; `process.env` by default. They are read once. */
  readonly env?: EnvironmentVariables;
  /** The strongest layer, an object in the shape of `appsettings.json`. It is copied. */
  readonly overrides?: object;
  /** Told of what nobody awaits: a changed file that is refused, a listener that throws. */
  readonly report?: (error: Error) => void;
}

/**
 * Reads the layers, weakest first: `appsettings.json`, `appsettings.{Environment}.json`, environment variables, `overrides`.
 * Never rejects for what they hold: their problems wait in `loadProblems` until `validateConfiguration` throws them with its own.
 */
export async function loadConfiguration(options: LoadConfigurationOptions = {}): Promise<ConfigurationRoot> {
  const env = options.env ?? process.env;
  const environment = resolveEnvironment(env, options.environment);
  const contentRoot = resolve(options.contentRoot ?? ".");
  const problems: ConfigurationProblem[] = [];
  const names = ["appsettings.json"];
  if (/^[\w.-]{1,64}$/.test(environment)) names.push(`appsettings.${environment}.json`);
  else problems.push(refuseEnvironment(environment));
  const files = options.settingsFiles === false ? [] : names.map(name => resolve(contentRoot, name));
  const readFiles = (): Promise<FoundFile[]> => Promise.all(files.map(async file => ({ file, found: await readSettingsFile(file) })));
  const fixedLayers = [readEnvironmentLayer(env), readOverrides(options.overrides)];
  if (options.contentRoot !== undefined) problems.push(...checkContentRoot(contentRoot));
  return createConfigurationRoot({ environment, files, readFiles, fixedLayers, problems, report: options.report ?? (() => {}) });
}

function readOverrides(overrides: object | undefined): LayerReading {
  if (overrides === undefined) return { tree: emptySection, problems: [] };
  const layer: ConfigurationLayer = { locate: () => ({ source: "host options" }) };
  return readObjectLayer(overrides, layer);
}

function checkContentRoot(contentRoot: string): ConfigurationProblem[] {
  const got = kindOf(contentRoot);
  if (got === "a folder") return [];
  const fix = "Set `contentRoot` to the folder of appsettings.json, or leave it out.";
  return [{ path: "", source: `contentRoot ${contentRoot}`, expected: "a folder", got, fix }];
}

function kindOf(path: string): string {
  try {
    const found = process.getBuiltinModule("node:fs").statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return "nothing";
    return found.isDirectory() ? "a folder" : "a file";
  } catch (error) {
    return describeError(error);
  }
}

function refuseEnvironment(environment: string): ConfigurationProblem {
  const fix = "Correct the host's `environment` option or SORA_ENVIRONMENT.";
  return {
    path: "",
    source: "environment name",
    expected: "letters, digits, dots, hyphens and underscores, 64 at most",
    got: JSON.stringify(environment.slice(0, 80)),
    fix,
  };
}
