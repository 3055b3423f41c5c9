import { registerHooks } from "node:module";

/** Lets modules that have no `@sora/…` of their own find this package's, so that a folder of services runs with nothing installed beside it. */
export function lendSora(): void {
  registerHooks({
    resolve(specifier, context, nextResolve) {
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        if (!specifier.startsWith("@sora/")) throw error;
        try {
          return nextResolve(specifier, { ...context, parentURL: import.meta.url });
        } catch {
          throw error; // where the author's own module looks is the place to report
        }
      }
    },
  });
}
