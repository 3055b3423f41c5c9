/**
 * Loaded into a program that `sora dev` runs, behind the hook that lowers decorators: tells the parent of every file of the program, before it is loaded, so that one that cannot be
 * loaded is watched as well. Should the parent be gone without a word, the program is asked to end, lest nobody would.
 */
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** What the parent is told. */
export interface LoadedFile {
  readonly sora: "loaded";
  readonly file: string;
}

/** Sora's own packages are neighbours, in the repository and in `node_modules`. They are not what a person edits. */
const soraPackages = new URL("../../../", import.meta.url).href;

const tell = (url: string): void => {
  if (!url.startsWith("file:") || url.includes("/node_modules/") || url.startsWith(soraPackages)) return;
  process.send?.({ sora: "loaded", file: fileURLToPath(url.split(/[?#]/, 1)[0]!) } satisfies LoadedFile);
};

if (process.send !== undefined) {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        if (specifier.startsWith(".") && context.parentURL !== undefined) tell(new URL(specifier, context.parentURL).href);
        throw error;
      }
    },
    load(url, context, nextLoad) {
      tell(url);
      return nextLoad(url, context);
    },
  });
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref();
}
