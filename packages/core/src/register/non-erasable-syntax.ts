/** TypeScript that Node's type stripping cannot run, because it stands for code and not only for types. */
export type NonErasableSyntax = "decorator" | "accessor" | "enum" | "namespace" | "parameter property";

const wholeLineComment = /^[ \t]*(?:\/\/.*$|\/\*[^]*?\*\/)/gm;
/** What begins and ends on one line; another quote within one of these is no quote. */
const literal = /"(?:\\.|[^"\\\n\r\u2028\u2029])*"|'(?:\\.|[^'\\\n\r\u2028\u2029])*'|`(?:\\.|[^`\\\n\r\u2028\u2029])*`|\/\*.*?\*\//g;
const decorator = /(?:^|[\s;{}(,=])@[\p{ID_Start}$_(]/mu;
const accessor = /(?:^|[\s;{])accessor[ \t]+(?:[\p{ID_Start}$_#["'\d])/mu;
const enumeration = /(?:^|[\s;{}])enum[ \t]+[\p{ID_Start}$_][\p{ID_Continue}$]*\s*\{/mu;
const namespace = /(?:^|[\s;{}])(?:namespace|module)[ \t]+[\p{ID_Start}$_][\p{ID_Continue}$.]*\s*\{/mu;
const parameterModifier = /[(,]\s*(?:\/\*[^]*?\*\/\s*)?(?:public|private|protected|readonly|override)\s+[\p{ID_Start}$_{[]/u;

/**
 * The first kind of such syntax that `source` seems to hold; decorators and `accessor` come before the others. A glance, not a parse: it looks
 * past comments that begin a line, and past strings, templates and comments that end on the line they begin on; it takes the lines of a longer template for code. So it may name something
 * that is not there, which costs a needless compilation; it does not miss what is written in any usual layout.
 */
export function nonErasableSyntax(source: string): NonErasableSyntax | undefined {
  const code = source.replace(wholeLineComment, "").replace(literal, found => (found.startsWith("/") ? " " : '""'));
  if (decorator.test(code)) return "decorator";
  if (accessor.test(code)) return "accessor";
  if (enumeration.test(code)) return "enum";
  if (namespace.test(code)) return "namespace";
  if (hasParameterProperty(code)) return "parameter property";
  return undefined;
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
