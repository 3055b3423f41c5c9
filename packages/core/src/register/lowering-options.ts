/** The subset of esbuild's transform options that Sora sets; structural, so that neither build nor declarations need esbuild. */
export interface LoweringOptions {
  readonly loader: "ts" | "tsx";
  readonly format: "esm" | "cjs";
  readonly platform: "node";
  readonly target: "esnext";
  readonly supported: { readonly decorators: false };
  readonly jsx: "automatic";
  readonly sourcefile: string;
  readonly sourcemap: "inline" | "external";
}

const tsxFile = /\.tsx$/;

/**
 * How Sora has TypeScript compiled, wherever it does: types out, standard decorators, `accessor`, enums and parameter properties into
 * plain classes, everything else left to the engine. The target is not a year: for `es2024` esbuild would also drop the `with { type: "json" }`
 * of imports and rewrite `using`, both of which Node runs. Function names are not kept by force: that costs a property definition for each
 * closure a running program makes.
 */
export function loweringOptions(sourcefile: string, sourcemap: LoweringOptions["sourcemap"], format: LoweringOptions["format"] = "esm"): LoweringOptions {
  return {
    loader: tsxFile.test(sourcefile) ? "tsx" : "ts",
    format,
    platform: "node", // has CommonJS output list its exports where Node looks for them
    target: "esnext",
    supported: { decorators: false },
    jsx: "automatic",
    sourcefile,
    sourcemap,
  };
}
