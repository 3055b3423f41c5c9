/**
 * Holds the layout of the workspace: who may import whom. `node tools/check-boundaries.ts` lists every breach and exits 1 where there is one.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { moduleImports, withoutComments } from "./module-imports.ts";

/** What the rules are applied to: every module by its path from the root, and what each package lets others import. */
export interface Workspace {
  readonly modules: ReadonlyMap<string, string>;
  /** By package name: its folder, and its `exports` keys written as import specifiers. */
  readonly packages: ReadonlyMap<string, { readonly folder: string; readonly entries: readonly string[] }>;
}

const core = "packages/core/src/";
/** The rooms everything stands on; at run time they know only each other. */
const ground = ["errors", "time", "logging", "libraries"];
/** Rooms of core that, at run time, must not know certain others. */
const forbidden: Readonly<Record<string, readonly string[]>> = {
  definition: ["host", "lifecycle", "actions"],
};

/**
 * Where things are put together, and so where the engine's own chance is chosen in case no other is given. Whatever else draws is handed its chance: only so is it the simulator's when that runs it. The entry
 * passes it on to other packages.
 */
const composing = [
  "packages/core/src/adapter.ts",
  "packages/core/src/host/resolve-host-options.ts",
  "packages/core/src/durable/sqlite/sqlite-store.ts",
  "packages/postgres/src/postgres-store.ts",
];

/** Tests, and what they are made of: neither is published. */
const testFile = /\.test(?:-d)?\.ts$|\/fixtures\//;

/** Every breach, each in a line that names the file, the import and the rule. */
export function boundaryProblems({ modules, packages }: Workspace): readonly string[] {
  const problems: string[] = [];
  const loads = new Map<string, string[]>();
  for (const [file, source] of modules) {
    const loaded: string[] = [];
    for (const { specifier, kind } of moduleImports(source)) {
      const problem = specifier.startsWith(".")
        ? relativeProblem(file, posix.join(posix.dirname(file), specifier), kind === "type")
        : packageProblem(file, specifier, packages);
      if (problem !== undefined) problems.push(`${file} imports ${specifier}: ${problem}`);
      if (kind === "static" && specifier.startsWith(".")) loaded.push(posix.join(posix.dirname(file), specifier));
    }
    loads.set(file, loaded);
    if (drawsByItself(file, source)) problems.push(`${file} names systemChance: draw from a Chance that is handed in, which is the host's`);
  }
  return [...problems, ...cycles(loads)];
}

function relativeProblem(file: string, target: string, typeOnly: boolean): string | undefined {
  const [from, to] = [owner(file), owner(target)];
  if (from !== to && from !== "tools" && !(from === "e2e" && to === "tools")) return "one package's files are not another's; import it by its name";
  if (!file.startsWith(core) || !target.startsWith(core) || testFile.test(file)) return undefined;

  const [room, otherRoom] = [roomOf(file), roomOf(target)];
  if (otherRoom === undefined) return "an entry gathers exports for users of the package; import the file that has the thing";
  if (room === undefined || room === "testing" || room === otherRoom) return undefined;
  if (otherRoom === "testing") return "only tests use the testing kit";
  if (typeOnly) return undefined;
  if (ground.includes(room) && !ground.includes(otherRoom)) return `${room} is ground that everything stands on, so it must not stand on ${otherRoom}`;
  if (forbidden[room]?.includes(otherRoom)) return `${room} must not know ${otherRoom} at run time`;
  return undefined;
}

function packageProblem(file: string, specifier: string, packages: Workspace["packages"]): string | undefined {
  const name = specifier.split("/", 2).join("/");
  const target = packages.get(name);
  if (target === undefined) return undefined;
  if (!target.entries.includes(specifier)) return `${name} exports ${target.entries.join(", ")}`;
  if (file.startsWith(`${target.folder}/`) && !testFile.test(file)) return "a package's own files import each other by path";
  return undefined;
}

function drawsByItself(file: string, source: string): boolean {
  if (!/^packages\/[^/]+\/src\//.test(file) || testFile.test(file) || composing.includes(file) || file.startsWith(`${core}time/`)) return false;
  return /\bsystemChance\b/.test(withoutComments(source));
}

/** The workspace folder a file belongs to: `packages/core`, `samples/studio`, `tools`, … */
function owner(file: string): string {
  const [first, second] = file.split("/");
  return first === "packages" || first === "samples" ? `${first}/${second}` : first!;
}

/** The room of a file of core; undefined for the entries, which stand outside the rooms. */
function roomOf(file: string): string | undefined {
  const [room, ...rest] = file.slice(core.length).split("/");
  return rest.length === 0 ? undefined : room;
}

/** One line for each circle of modules that load each other; depth first, each circle reported where it closes. */
function cycles(loads: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const problems: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const at = path.indexOf(file);
    if (at !== -1) {
      problems.push(`${[...path.slice(at), file].join(" → ")}: modules that load each other; take the shared part out, or import the type only`);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of loads.get(file) ?? []) visit(next);
    path.pop();
    done.add(file);
  };
  for (const file of loads.keys()) visit(file);
  return problems;
}

/** Reads the workspace under `root`. */
export function readWorkspace(root: string): Workspace {
  const files = globSync("{packages/*/src,samples,e2e,bench,tools}/**/*.{ts,tsx,mts}", {
    cwd: root,
    exclude: name => /(?:^|[\\/])(?:node_modules|dist|out)$/.test(name),
  });
  const modules = new Map(files.toSorted().map(file => [file.replaceAll("\\", "/"), readFileSync(join(root, file), "utf8")]));
  const packages = new Map(
    globSync("packages/*/package.json", { cwd: root }).map(file => {
      const { name, exports } = JSON.parse(readFileSync(join(root, file), "utf8")) as { name: string; exports: Record<string, unknown> };
      const entries = Object.keys(exports).map(key => posix.join(name, key));
      return [name, { folder: dirname(file).replaceAll("\\", "/"), entries }] as const;
    }),
  );
  return { modules, packages };
}

if (import.meta.main) {
  const workspace = readWorkspace(fileURLToPath(new URL("..", import.meta.url)));
  const problems = boundaryProblems(workspace);
  for (const problem of problems) console.error(problem);
  console.log(`${workspace.modules.size} modules, ${problems.length} breaches of the layout`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
