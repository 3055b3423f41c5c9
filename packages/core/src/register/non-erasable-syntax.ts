/** TypeScript that Node's type stripping cannot run, because it stands for code and not only for types. */
export type NonErasableSyntax = "decorator" | "accessor" | "enum" | "namespace" | "parameter property";

const comment = /^[ \t]*(?:\/\/.*$|\/\*[^]*?\*\/)|\/\*.*?\*\//gm;
const decorator = /(?<=^|[\s;{}(,=])@[\p{ID_Start}$_(]/gmu;
const accessor = /(?<=^|[\s;{])accessor[ \t]+(?:[\p{ID_Start}$_#["'\d])/gmu;
const enumeration = /(?<=^|[\s;{}])enum[ \t]+[\p{ID_Start}$_][\p{ID_Continue}$]*\s*\{/gmu;
const namespace = /(?<=^|[\s;{}])(?:namespace|module)[ \t]+[\p{ID_Start}$_][\p{ID_Continue}$.]*\s*\{/gmu;
const parameterModifier = /[(,]\s*(?:\/\*[^]*?\*\/\s*)?(?:public|private|protected|readonly|override)\s+[\p{ID_Start}$_{[]/u;

/**
 * The first kind of such syntax that `source` seems to hold; decorators and `accessor` come before the others. A glance, not a parse: it looks
 * past comments that begin a line or end on it, and past what stands behind an open quote on its line, and takes other text inside a template for code. So it may name something
 * that is not there, which costs a needless compilation; it does not miss what is written in any usual layout.
 */
export function nonErasableSyntax(source: string): NonErasableSyntax | undefined {
  const code = source.replace(comment, "");
  if (holds(code, decorator)) return "decorator";
  if (holds(code, accessor)) return "accessor";
  if (holds(code, enumeration)) return "enum";
  if (holds(code, namespace)) return "namespace";
  if (hasParameterProperty(code)) return "parameter property";
  return undefined;
}

function holds(code: string, syntax: RegExp): boolean {
  return code.search(syntax) !== -1 && Array.from(code.matchAll(syntax)).some(({ index }) => !isQuoted(code, index));
}

/** Whether a quote is open at `index`, as far as its own line tells. */
function isQuoted(code: string, index: number): boolean {
  const before = code.slice(code.lastIndexOf("\n", index - 1) + 1, index);
  return ['"', "'", "`"].some(quote => before.split(quote).length % 2 === 0);
}

function hasParameterProperty(code: string): boolean {
  for (let at = code.indexOf("constructor"); at !== -1; at = code.indexOf("constructor", at + 1)) {
    const open = code.indexOf("(", at);
    if (open === -1) return false;
    if (parameterModifier.test(code.slice(open, closingParenthesis(code, open)))) return true;
  }
  return false;
}

function closingParenthesis(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === "(") depth++;
    else if (code[at] === ")" && --depth === 0) return at;
  }
  return code.length;
}
