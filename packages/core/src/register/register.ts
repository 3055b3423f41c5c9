/**
 * Lets Node run TypeScript as Sora's users write it: `node --import @sora/core/register app.ts`.
 *
 * Node strips types itself, and still does for every file that holds nothing else. This module steps in for files (`.ts`, `.mts`, `.cts`, `.tsx`, outside
 * `node_modules`) with standard decorators, `accessor`, enums, namespaces, parameter properties or JSX, and has esbuild compile those; a program
 * with none of them never loads esbuild. Nor does one whose files have not changed, where Node keeps what it compiled (`NODE_COMPILE_CACHE`). Compiled files carry a source map, and stack traces follow it. Worker threads inherit the hook.
 *
 * Two habits of TypeScript projects are met on the way: an import of `./x.js` finds `./x.ts` where only that exists, and a `.ts` file written as an ES
 * module runs as one though its package.json says `"type": "commonjs"`, as `npm init` writes it.
 *
 * Not done here: checking types, and `paths` of a tsconfig.json (use `imports` in package.json, which Node knows too).
 */
import { readFileSync } from "node:fs";
import { registerHooks, setSourceMapsSupport } from "node:module";
import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from "node:module";
import { fileURLToPath } from "node:url";
import { keptLowering } from "./kept-lowering.ts";
import { loweringOptions } from "./lowering-options.ts";
import { nonErasableSyntax } from "./non-erasable-syntax.ts";
import { esbuildVersion, requireEsbuild } from "./require-esbuild.ts";
import type { LoweringOptions } from "./lowering-options.ts";

const typescriptFile = /^file:.*\.([cm]?ts|tsx)(?:[?#]|$)/;
const javascriptSpecifier = /^(\.{1,2}\/.*)\.([cm]?)js((?:[?#].*)?)$/;
const moduleSyntax = /^[ \t]*(?:import(?![\w$ \t]+=)[\s{*"'\w$]|export(?!\s*=)\b)/m;

registerHooks({ resolve, load });

function load(url: string, context: LoadHookContext, nextLoad: (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput): LoadFnOutput {
  const extension = typescriptFile.exec(url)?.[1];
  if (extension === undefined || url.includes("/node_modules/")) return nextLoad(url, context);

  const source = readFileSync(fileURLToPath(url), "utf8");
  const mislabelled = extension === "ts" && context.format === "commonjs-typescript" && moduleSyntax.test(source);
  if (!mislabelled && extension !== "tsx" && nonErasableSyntax(source) === undefined) return nextLoad(url, context);

  const isModule = extension === "mts" || context.format === "module-typescript" || (extension !== "cts" && moduleSyntax.test(source));
  // set before the first compiled module is evaluated, since Node reads a module's map only then; a program that compiles nothing keeps its cheaper stacks
  setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
  return { format: isModule ? "module" : "commonjs", source: lower(source, url, isModule ? "esm" : "cjs"), shortCircuit: true };
}

function lower(source: string, url: string, format: LoweringOptions["format"]): string {
  const options = loweringOptions(url, "inline", format);
  return keptLowering([esbuildVersion(url), options, source], () => requireEsbuild(url).transformSync(source, options).code);
}

function resolve(
  specifier: string,
  context: ResolveHookContext,
  nextResolve: (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput,
): ResolveFnOutput {
  try {
    return nextResolve(specifier, context);
  } catch (error) {
    const parts = javascriptSpecifier.exec(specifier);
    if (parts === null || context.parentURL === undefined || !typescriptFile.test(context.parentURL)) throw error;
    try {
      return nextResolve(`${parts[1]}.${parts[2]}ts${parts[3]}`, context);
    } catch {
      throw error; // the name the author wrote is the one to report
    }
  }
}
