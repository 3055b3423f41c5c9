/**
 * A library that is loaded when it is first used, by `require`, since who uses it cannot wait. A program that a bundler has put into one file may have nothing beside it to
 * require. What the bundler took in is reached by the `import` that it saw, so a host brings that before it begins.
 */
export class Library<T> {
  readonly #name: string;
  readonly #bundled: () => Promise<T>;
  #loaded: T | undefined = undefined;

  /** @param bundled Imports the library by a name written out, which is how bundlers find it. */
  constructor(name: string, bundled: () => Promise<T>) {
    this.#name = name;
    this.#bundled = bundled;
  }

  /** The library. @throws what `require` throws where it is neither there nor has been brought. */
  get(): T {
    return (this.#loaded ??= requireHere()(this.#name) as T);
  }

  /** Takes the bundled copy where there is nothing to require. Never rejects: who uses the library hears that it is missing. */
  async bring(): Promise<void> {
    if (this.#loaded !== undefined || isRequirable(this.#name)) return;
    try {
      this.#loaded = await this.#bundled();
    } catch {
      // left out of the bundle, or broken by it
    }
  }
}

function isRequirable(name: string): boolean {
  try {
    requireHere().resolve(name);
    return true;
  } catch {
    return false;
  }
}

function requireHere(): NodeJS.Require {
  return process.getBuiltinModule("node:module").createRequire(import.meta.url);
}
