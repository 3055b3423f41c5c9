import { readdir, readFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import { CliError } from "../cli-error.ts";
import { jsonText } from "../output/json-text.ts";
import { paintFor } from "../output/paint.ts";
import { askForText } from "./ask.ts";
import { readTemplate } from "./read-template.ts";
import { writeNewFiles } from "./write-new-files.ts";
import type { CommandContext } from "../context/command-context.ts";

/** `sora new app <name>`: writes a project whose `npm start` and `npm test` work, into a new or an empty folder. */
export async function newApp(context: CommandContext, given: string | undefined, flags: { readonly json?: boolean }): Promise<number> {
  const { cwd, stdout, env } = context;
  const path = given ?? (await askForText(context, "What is the project called?", "my-app", packageName));
  if (path === undefined || path === "") throw new CliError("SORA_CLI_USAGE", "The new project has no name.", { fix: "`sora new app my-app` gives it one." });
  const folder = resolve(cwd, path);
  const name = packageName(basename(folder));
  if (!(await isEmpty(folder)))
    throw new CliError("SORA_CLI_EXISTS", `${relative(cwd, folder) || folder} is there already and not empty, and nothing was written.`, {
      fix: "Give another name, or empty it.",
    });
  const version = await ownVersion();
  const files = new Map(Array.from(await readTemplate("app"), ([file, text]) => [join(folder, fileName(file)), fileText(file, text, name, version)]));
  await writeNewFiles(files, cwd);
  const written = Array.from(files.keys(), file => relative(cwd, file));
  if (flags.json === true) stdout.write(jsonText({ app: name, folder, files: written }, stdout));
  else {
    const paint = paintFor(stdout, env);
    const steps = [...(folder === cwd ? [] : [`cd ${relative(cwd, folder)}`]), "npm install", "npm start"];
    stdout.write(`${written.map(file => `${paint("green", "wrote")} ${file}\n`).join("")}\nNext:\n${steps.map(step => `  ${paint("cyan", step)}\n`).join("")}`);
  }
  return 0;
}

/** A name that npm takes. @throws CliError of usage. */
function packageName(name: string): string {
  const last = basename(name);
  if (/^[a-z0-9][a-z0-9._-]{0,99}$/.test(last) && last !== "node_modules") return last;
  throw new CliError(
    "SORA_CLI_USAGE",
    `A project cannot be called ${JSON.stringify(name.slice(0, 80))}: npm takes lower-case letters, digits, "-", "_" and ".".`,
    { fix: "Write it as my-app." },
  );
}

/** npm leaves files of this name out of packages, so the template has another. */
function fileName(file: string): string {
  return file === "gitignore" ? ".gitignore" : file;
}

function fileText(file: string, text: string, name: string, version: string): string {
  if (file === "README.md") return text.replaceAll("my-app", name);
  return file === "package.json" ? text.replace('"name": "my-app"', `"name": "${name}"`).replace(/("@sora\/[a-z]+": ")[^"]+/g, `$1${version}`) : text;
}

async function isEmpty(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).every(name => name === ".git");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw new CliError("SORA_CLI_EXISTS", `Nothing can be written to ${folder}: ${(error as Error).message}.`, { fix: "Give another name.", cause: error });
  }
}

async function ownVersion(): Promise<string> {
  return (JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
