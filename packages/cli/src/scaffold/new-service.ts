import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, resolve } from "node:path";
import { CliError } from "../cli-error.ts";
import { jsonText } from "../output/json-text.ts";
import { paintFor } from "../output/paint.ts";
import { askForChoice, askForText } from "./ask.ts";
import { readTemplate } from "./read-template.ts";
import { serviceFiles, serviceTemplate } from "./service-files.ts";
import { serviceNames } from "./service-names.ts";
import { writeNewFiles } from "./write-new-files.ts";
import type { CommandContext } from "../context/command-context.ts";

export interface NewServiceFlags {
  readonly style?: "function" | "class";
  readonly every?: string;
  readonly folder?: string;
  readonly json?: boolean;
}

/** `sora new service <Name>`: writes a service and its test. What the command line does not say is asked for at a terminal. */
export async function newService(context: CommandContext, given: string | undefined, flags: NewServiceFlags): Promise<number> {
  const { cwd, stdout, env } = context;
  const name = given ?? (await askForText(context, "What is the service called?", "ImageResize", serviceNames));
  if (name === undefined) throw new CliError("SORA_CLI_USAGE", "The new service has no name.", { fix: "`sora new service ImageResize` gives it one." });
  const names = serviceNames(name);
  const every = flags.every === undefined ? undefined : interval(flags.every);
  const style =
    flags.style ??
    (given === undefined
      ? await askForChoice(context, "How is it written?", [
          { value: "function", label: "as a function: defineService" },
          { value: "class", label: "as a class with decorators" },
        ])
      : undefined) ??
    "function";
  const folder = resolve(cwd, flags.folder ?? usualFolder(cwd));
  const files = new Map(
    Array.from(serviceFiles(await readTemplate(serviceTemplate({ style, every })), names, every), ([path, text]) => [join(folder, path), text]),
  );
  await writeNewFiles(files, cwd);
  const written = Array.from(files.keys(), file => relative(cwd, file));
  const missing = every === undefined && !isInstalled("zod", folder) ? ["zod"] : [];
  if (flags.json === true) stdout.write(jsonText({ service: names.name, files: written, missing }, stdout));
  else {
    const paint = paintFor(stdout, env);
    stdout.write(
      `${written.map(file => `${paint("green", "wrote")} ${file}\n`).join("")}${missing.length === 0 ? "" : `It uses zod, which is not installed here: ${paint("cyan", "npm install zod")}\n`}`,
    );
  }
  return 0;
}

function usualFolder(cwd: string): string {
  return !existsSync(join(cwd, "services")) && existsSync(join(cwd, "src", "services")) ? join("src", "services") : "services";
}

/** What can be told at a glance; the framework checks the rest when it reads the definition. */
function interval(text: string): string {
  if (/^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(text) && Number.parseFloat(text) > 0) return text;
  throw new CliError("SORA_CLI_USAGE", `${JSON.stringify(text.slice(0, 80))} is no interval.`, { fix: 'Write it as "30s", "5m", "1h" or "7d".' });
}

function isInstalled(name: string, folder: string): boolean {
  try {
    createRequire(join(folder, "anything.js")).resolve(name);
    return true;
  } catch {
    return false;
  }
}
