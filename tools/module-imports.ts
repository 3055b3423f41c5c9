/** One import or re-export, as written. */
export interface ModuleImport {
  readonly specifier: string;
  /** `type` is gone before the program runs; `lazy` is an `import()`, which runs when its line does; `static` is loaded with the module. */
  readonly kind: "static" | "lazy" | "type";
}

const comment = /\/\*[^]*?\*\/|^[ \t]*\/\/.*$/gm;
const template = /`(?:\\[^]|[^`\\])*`/g;
const statement = /^[ \t]*(?:import|export)[ \t]+(type\b(?![ \t]*(?:from|,)))?[^"'`;]*?\bfrom[ \t]*["']([^"']+)["']/gm;
const bare = /^[ \t]*import[ \t]*["']([^"']+)["']/gm;
const call = /(\btypeof[ \t]+)?\bimport\([ \t\n]*["']([^"']+)["'][ \t\n]*\)(\.[A-Z])?/g;

/** A module without its comments. */
export function withoutComments(source: string): string {
  return source.replace(comment, "");
}

/**
 * What a TypeScript module imports, in the layout the formatter gives it (a statement starts its line). An import of nothing but inline `type`
 * names counts as static: with `verbatimModuleSyntax` it stays in the program.
 */
export function moduleImports(source: string): readonly ModuleImport[] {
  const code = withoutComments(source).replace(template, "``");
  const found: ModuleImport[] = [];
  for (const [, type, specifier] of code.matchAll(statement)) found.push({ specifier: specifier!, kind: type === undefined ? "static" : "type" });
  for (const [, specifier] of code.matchAll(bare)) found.push({ specifier: specifier!, kind: "static" });
  for (const [, typeOf, specifier, member] of code.matchAll(call)) {
    found.push({ specifier: specifier!, kind: typeOf === undefined && member === undefined ? "lazy" : "type" });
  }
  return found;
}
