import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { kebabCase } from "@sora/core";
import type { BenchCase } from "./bench-case.ts";

const root = join(import.meta.dirname, "..");
const classes = 300;
const classesPerFile = 10;
const verbs = [
  "translate",
  "checkQueue",
  "processBatchNow",
  "syncSourceURL",
  "validateData",
  "generateReport2D",
  "cleanUp",
  "resizeImage",
  "notifyUser",
  "rebuildIndex",
];

/** One class with its ten methods, and one call of each: with everything that Sora's types do, or the same classes called as they are. */
function program(number: number, ours: boolean): string {
  const name = `Service${number}OfMany`;
  const methods = verbs.map(verb => `${verb}${number}Times`);
  const declared = methods.map((method, index) => {
    const kind = index % 3;
    const decorator = !ours
      ? ""
      : kind === 0
        ? `@ServiceAction("${kebabCase(method)}", { parameters: Options${number}, concurrency: 5 }) `
        : kind === 1
          ? `@ServiceAction("${kebabCase(method)}") `
          : "@ServiceAction() ";
    if (kind === 0)
      return `  ${decorator}async ${method}(options: ${ours ? `Parsed<typeof Options${number}>` : `z.output<typeof Options${number}>`}, context: ActionContext): Promise<{ characters: number; to: string }> { context.signal.throwIfAborted(); return { characters: options.count, to: options.to }; }`;
    return kind === 1
      ? `  ${decorator}async ${method}(context: ActionContext) { return context.attempt; }`
      : `  ${decorator}async ${method}() { return "${index}"; }`;
  });
  const calls = methods.map((method, index) => {
    const [parameters, given] = [`{ fileId: "f", ${ours ? "" : "count: 1, "}to: "de" as const }`, index % 3 === 0];
    if (!ours) return `  await services.${method}(${given ? `${parameters}, context` : index % 3 === 1 ? "context" : ""});`;
    const call = `services.do("${kebabCase(method)}"${given ? `, ${parameters}` : ""})`;
    return given
      ? `  const result${index}: number = (await ${call}.withPriority(1).execute()).characters;`
      : index % 3 === 1
        ? `  const result${index}: number = await ${call}.execute();`
        : `  const result${index}: [string, number] = await ${call}.do("${kebabCase(methods[1] as string)}").execute();`;
  });
  const used = ours ? calls.map((_, index) => `result${index}`).join(", ") : "";
  return [
    `const Options${number} = z.object({ fileId: z.string(), count: z.number().default(1), to: z.enum(["en", "de"]) });`,
    ours ? "@SoraBackgroundService({ runInProduction: true })" : "",
    `export class ${name} extends SoraFluentServiceBase {`,
    ...declared,
    "}",
    `export async function use${number}(${ours ? "" : `services: ${name}, context: ActionContext`}) {`,
    ...(ours ? [`  const services = SoraServices.of(${name});`] : []),
    ...calls,
    `  return [${used}];`,
    "}",
  ].join("\n");
}

async function write(folder: string, ours: boolean): Promise<void> {
  await mkdir(folder, { recursive: true });
  const imports = `import { z } from "zod";\nimport { ServiceAction, SoraBackgroundService, SoraFluentServiceBase, SoraServices } from "@sora/core";\nimport type { ActionContext, Parsed } from "@sora/core";\nexport type Used = [typeof ServiceAction, typeof SoraBackgroundService, typeof SoraServices, Parsed<z.ZodString>];\n`;
  for (let file = 0; file < classes / classesPerFile; file++) {
    const text = Array.from({ length: classesPerFile }, (_, index) => program(file * classesPerFile + index, ours)).join("\n");
    await writeFile(join(folder, `services-${file}.ts`), `${imports}${text}\n`);
  }
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.base.json"), compilerOptions: { typeRoots: [join(root, "node_modules/@types")] }, include: ["*.ts"] }),
  );
}

/** Seconds that the compiler says it took, in all. */
async function check(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--diagnostics"]).catch(
    (error: { stdout?: string }) => {
      throw new Error(`The generated program does not compile:\n${error.stdout?.slice(0, 2_000)}`);
    },
  );
  return Number(/^Total time:\s+([\d.]+)s$/m.exec(stdout)?.[1]);
}

const bench: BenchCase = {
  name: "type check",
  features: `tsc over ${classes} decorated classes of 10 actions, each called once through the fluent API, with schemas, chains and options; and over the same classes without decorators, their methods called as they are. Core's own sources and zod are in both.`,
  async run() {
    const folder = await mkdtemp(join(tmpdir(), "sora-type-check-"));
    try {
      await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
      await writeFile(join(folder, "package.json"), '{ "type": "module" }');
      const [ours, plain] = [join(folder, "ours"), join(folder, "plain")];
      await write(ours, true);
      await write(plain, false);
      const best = { ours: Infinity, plain: Infinity };
      for (let round = 0; round < 5; round++) {
        best.ours = Math.min(best.ours, await check(ours));
        best.plain = Math.min(best.plain, await check(plain));
      }
      return {
        figures: [
          ["Sora", `${best.ours.toFixed(2)} s`],
          ["the classes alone", `${best.plain.toFixed(2)} s`],
        ],
        targets: [{ what: `checking ${classes} × 10 actions and a call of each, the best of 5`, measured: best.ours, atMost: 3, unit: " s" }],
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

export default bench;
