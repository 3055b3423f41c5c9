import { describeError, toError } from "../errors/describe-error.ts";
import type { SoraError } from "../errors/sora-error.ts";
import { systemClock } from "../time/system-clock.ts";
import { ConfigurationView, createSnapshot } from "./configuration.ts";
import type { Configuration, ConfigurationSnapshot } from "./configuration.ts";
import { compareTrees } from "./configuration-change.ts";
import type { ConfigurationChange } from "./configuration-change.ts";
import { mergeSections } from "./configuration-node.ts";
import type { ConfigurationTree, SectionNode } from "./configuration-node.ts";
import { configurationError } from "./configuration-problem.ts";
import type { ConfigurationFindings, ConfigurationProblem } from "./configuration-problem.ts";
import { readFileLayer } from "./file-layer.ts";
import { normalizeKnown } from "./normalize-known.ts";
import type { LayerReading } from "./object-layer.ts";
import type { SettingsFile } from "./settings-file.ts";

export type ReloadResult =
  | { readonly kind: "unchanged" }
  | { readonly kind: "changed"; readonly change: ConfigurationChange }
  | { readonly kind: "refused"; readonly error: SoraError };

/** Looks at a configuration before it takes effect; any problem refuses it. */
export type ConfigurationCheck = (candidate: ConfigurationSnapshot) => ConfigurationFindings | Promise<ConfigurationFindings>;

/** Ends something that was added; ending it again does nothing. */
export interface ConfigurationSubscription extends Disposable {
  dispose(): void;
}

/** A host's configuration, which changes only when a reload passes all checks; then every read sees the new values at once. */
export interface ConfigurationRoot extends Configuration, ConfigurationTree {
  readonly environment: string;
  /** The absolute paths of the settings files, there or not, weakest first. */
  readonly files: readonly string[];
  /** What was wrong with the sources when they were first read; those parts are missing here. `validateConfiguration` throws them. */
  readonly loadProblems: readonly ConfigurationProblem[];
  /** The configuration as it is now, which later reloads do not touch. */
  readonly snapshot: ConfigurationSnapshot;
  /**
   * Reads the files again; calls take turns. A changed file that does not read as JSON may be one that is being written, and is
   * looked at again after 100 ms before it is judged. What is wrong with any of it leaves the configuration as it is, and is
   * reported once for each content of the files. Never rejects.
   */
  reload(): Promise<ReloadResult>;
  /** Calls `listener` after each reload that changed a value. What it throws is reported, and harms no other listener. */
  onChange(listener: (change: ConfigurationChange) => void | Promise<void>): ConfigurationSubscription;
  /** Holds every later reload against `check`. */
  addCheck(check: ConfigurationCheck): ConfigurationSubscription;
}

/** A settings file and what was found there. */
export interface FoundFile {
  readonly file: string;
  readonly found: SettingsFile;
}

export interface ConfigurationRootParts {
  readonly environment: string;
  readonly files: readonly string[];
  /** Reads all files, weakest first. */
  readonly readFiles: () => Promise<readonly FoundFile[]>;
  /** The layers over the files, weakest first, which stay as they are. */
  readonly fixedLayers: readonly LayerReading[];
  readonly problems: readonly ConfigurationProblem[];
  readonly report: (error: Error) => void;
}

/** Reads the files for the first time and makes the root over them. Never rejects for what is in the files. */
export async function createConfigurationRoot(parts: ConfigurationRootParts): Promise<ConfigurationRoot> {
  return new LiveConfiguration(parts, await parts.readFiles());
}

/** How long a program may be between emptying a file and filling it, in milliseconds. */
const writing = 100;

class LiveConfiguration extends ConfigurationView implements ConfigurationRoot {
  readonly environment: string;
  readonly files: readonly string[];
  readonly loadProblems: readonly ConfigurationProblem[];
  readonly #parts: ConfigurationRootParts;
  readonly #checks = new Set<{ readonly check: ConfigurationCheck }>();
  readonly #listeners = new Set<{ readonly listener: (change: ConfigurationChange) => void | Promise<void> }>();
  #snapshot: ConfigurationSnapshot;
  #seen: readonly FoundFile[];
  #refusal: SoraError | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ConfigurationRootParts, found: readonly FoundFile[]) {
    super(() => this.tree);
    const { tree, problems } = assemble(found, parts.fixedLayers);
    this.#parts = parts;
    this.#snapshot = createSnapshot(tree);
    this.#seen = found;
    this.environment = parts.environment;
    this.files = parts.files;
    this.loadProblems = [...parts.problems, ...problems, ...parts.fixedLayers.flatMap(layer => layer.problems)];
  }

  get tree(): SectionNode {
    return this.#snapshot.tree;
  }

  get snapshot(): ConfigurationSnapshot {
    return this.#snapshot;
  }

  reload(): Promise<ReloadResult> {
    const result = this.#turn.then(() => this.#reload());
    this.#turn = result;
    return result;
  }

  onChange(listener: (change: ConfigurationChange) => void | Promise<void>): ConfigurationSubscription {
    return addTo(this.#listeners, { listener });
  }

  addCheck(check: ConfigurationCheck): ConfigurationSubscription {
    return addTo(this.#checks, { check });
  }

  async #reload(): Promise<ReloadResult> {
    try {
      const found = await this.#readWritten();
      if (sameFiles(found, this.#seen)) return this.#refusal === undefined ? { kind: "unchanged" } : { kind: "refused", error: this.#refusal };
      this.#seen = found;
      this.#refusal = undefined;
      const { tree, problems } = assemble(found, this.#parts.fixedLayers);
      const candidate = createSnapshot(tree);
      const findings = await this.#runChecks(candidate);
      const all = [...problems, ...findings.problems];
      if (all.length > 0) return this.#refuse(all, "Kept the last good configuration; the changed one cannot be used");
      const change = compareTrees(this.#snapshot.tree, tree, findings.warnings);
      this.#snapshot = candidate; // also without a change: lines may have moved
      if (change === undefined) return { kind: "unchanged" };
      for (const { listener } of Array.from(this.#listeners)) this.#notify(listener, change);
      return { kind: "changed", change };
    } catch (thrown) {
      const problem = { path: "", source: "configuration", expected: "a check that finishes", got: describeError(thrown), fix: "Correct the check." };
      return this.#refuse([problem], "Kept the last good configuration; the changed one could not be checked");
    }
  }

  /** The files as they are once nobody is seen in the middle of writing one: most programs empty a file, then fill it. */
  async #readWritten(): Promise<readonly FoundFile[]> {
    const found = await this.#parts.readFiles();
    const changed = found.filter((one, index) => !sameFile(one, this.#seen[index]!));
    if (changed.every(({ file, found: content }) => readFileLayer(file, content).problems.length === 0)) return found;
    await systemClock.sleep(writing);
    return this.#parts.readFiles();
  }

  async #runChecks(candidate: ConfigurationSnapshot): Promise<ConfigurationFindings> {
    const findings = await Promise.all(Array.from(this.#checks, async ({ check }) => check(candidate)));
    return { problems: findings.flatMap(({ problems }) => problems), warnings: findings.flatMap(({ warnings }) => warnings) };
  }

  #refuse(problems: readonly ConfigurationProblem[], outcome: string): ReloadResult {
    const error = configurationError(problems, outcome, "Correct what the message lists; the files are read again when they change.");
    this.#refusal = error;
    this.#report(error);
    return { kind: "refused", error };
  }

  #notify(listener: (change: ConfigurationChange) => void | Promise<void>, change: ConfigurationChange): void {
    try {
      void Promise.resolve(listener(change)).catch((thrown: unknown) => this.#report(toError(thrown)));
    } catch (thrown) {
      this.#report(toError(thrown));
    }
  }

  #report(error: Error): void {
    try {
      this.#parts.report(error);
    } catch {
      // the one who is told about errors is the last resort; a reload must not fail for it
    }
  }
}

function assemble(found: readonly FoundFile[], fixedLayers: readonly LayerReading[]): LayerReading {
  const readings = found.map(({ file, found: content }) => readFileLayer(file, content));
  const [first, ...others] = [...readings, ...fixedLayers].map(layer => layer.tree);
  return { tree: normalizeKnown(others.reduce(mergeSections, first!)), problems: readings.flatMap(({ problems }) => problems) };
}

function sameFiles(now: readonly FoundFile[], before: readonly FoundFile[]): boolean {
  return now.every((one, index) => sameFile(one, before[index]!));
}

function sameFile({ found: now }: FoundFile, { found: before }: FoundFile): boolean {
  if (now.kind === "text") return before.kind === "text" && now.text === before.text;
  if (now.kind === "refused") return before.kind === "refused" && now.got === before.got && now.line === before.line;
  return before.kind === "missing";
}

function addTo<T>(set: Set<T>, entry: T): ConfigurationSubscription {
  set.add(entry);
  const dispose = (): void => void set.delete(entry);
  return { dispose, [Symbol.dispose]: dispose };
}
