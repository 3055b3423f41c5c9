import { loweringOptions } from "./lowering-options.ts";
import { nonErasableSyntax } from "./non-erasable-syntax.ts";
import { requireEsbuild } from "./require-esbuild.ts";

/** What Vite takes as a plugin, as far as Sora uses it; structural, so that this package needs no Vite of its own. */
export interface SoraVitePlugin {
  readonly name: string;
  readonly enforce: "pre";
  readonly transform: {
    readonly filter: { readonly id: { readonly include: RegExp; readonly exclude: RegExp } };
    handler(source: string, id: string): Promise<{ code: string; map: string } | undefined>;
  };
}

/**
 * The Vite and Vitest plugin that lowers standard decorators and `accessor`, which neither Node nor Vite's own compiler does:
 * `plugins: [sora()]` in `vitest.config.ts`, and decorated services run in tests as they do in the program.
 *
 * Only TypeScript files outside `node_modules` that hold such syntax are compiled here, by esbuild, with source maps; all others, and everything else the project
 * has configured (JSX, targets), stay with Vite. Put it before plugins that read the code.
 */
export function sora(): SoraVitePlugin {
  return {
    name: "sora",
    enforce: "pre",
    transform: {
      filter: { id: { include: /\.(?:[cm]?ts|tsx)(?:$|\?)/, exclude: /[\\/]node_modules[\\/]/ } },
      async handler(source, id) {
        const syntax = nonErasableSyntax(source);
        if (syntax !== "decorator" && syntax !== "accessor") return undefined;
        const file = id.replace(/\?.*$/, "");
        const { code, map } = await requireEsbuild(file).transform(source, loweringOptions(file, "external"));
        return { code, map };
      },
    },
  };
}

export default sora;
