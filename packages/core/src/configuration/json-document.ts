import { Library } from "../libraries/library.ts";

type JsonWithComments = typeof import("jsonc-parser");

/** Bundlers get its ES modules: those it names first hide from them what they load. */
export const jsoncParser: Library<JsonWithComments> = new Library(
  "jsonc-parser",
  async () => (await import("jsonc-parser/lib/esm/main.js")) as unknown as JsonWithComments,
);

/** What is wrong with a text at one place. It never repeats more of the text than one character, which may be a secret's. */
export interface JsonTextError {
  readonly line?: number;
  readonly expected: string;
  readonly got: string;
  readonly fix: string;
}

export interface JsonDocument {
  /** The value, also where only trailing commas are wrong; absent where the text cannot be read. */
  readonly value?: unknown;
  readonly errors: readonly JsonTextError[];
  /** True where some name may stand twice in one object; `locateNames` then tells which. */
  readonly repeatsNames: boolean;
}

/** Reads JSON in which comments are allowed. Plain JSON costs one `JSON.parse`; the parser of comments is loaded for others only. */
export function readJsonDocument(text: string): JsonDocument {
  try {
    const value: unknown = JSON.parse(text);
    return { value, errors: [], repeatsNames: repeatsNames(text, value) };
  } catch {
    return readWithComments(text, jsoncParser.get());
  }
}

/**
 * The lines, from 1, on which each key of an object is written: several for a key written several times. Paths are in
 * lower case, parts joined by U+0000; a ":" in a name at the top level separates parts. Empty for a text that cannot be read.
 */
export function locateNames(text: string): ReadonlyMap<string, readonly number[]> {
  const lines = new Map<string, number[]>();
  try {
    jsoncParser.get().visit(
      text,
      {
        onObjectProperty(name, _offset, _length, line, _character, pathSupplier) {
          const parents = pathSupplier();
          const key = nameKey([...parents.map(String), name].flatMap((part, depth) => (depth === 0 ? part.split(":") : [part])));
          const known = lines.get(key);
          if (known === undefined) lines.set(key, [line + 1]);
          else known.push(line + 1);
        },
      },
      { allowTrailingComma: true },
    );
  } catch {
    // nested past what the parser's stack takes; such a document is refused for its depth, without lines
  }
  return lines;
}

/** The key of a path in what `locateNames` returns. */
export function nameKey(path: readonly string[]): string {
  return path.join("\0").toLowerCase();
}

function readWithComments(text: string, parser: JsonWithComments): JsonDocument {
  const { errors, comments } = inspect(text, parser, true);
  const plain = blank(text, comments);
  if (plain.trim() === "") {
    const fix = "Write {} into it, or delete it.";
    return { errors: [{ line: 1, expected: "a JSON object", got: "an empty file", fix }], repeatsNames: false };
  }
  // what follows a first error is guesswork, except after a trailing comma
  if (errors.length > 0) return { errors: [describeSyntaxError(text, errors[0]!)], repeatsNames: false };
  const commas = trailingCommas(plain, inspect(text, parser, false).errors);
  const repaired = blank(
    plain,
    commas.map(({ offset }) => ({ offset, length: 1 })),
  );
  try {
    const value: unknown = JSON.parse(repaired);
    return { value, errors: commas.map(({ error }) => error), repeatsNames: repeatsNames(repaired, value) };
  } catch (error) {
    // the two parsers disagree: a raw tab in a string, say; the engine's message would repeat the text, its position does not
    const position = /position (\d+)/.exec(String(error))?.[1];
    const offset = position === undefined ? undefined : Number(position);
    return { errors: [describeSyntaxError(repaired, { name: "", offset })], repeatsNames: false };
  }
}

interface SyntaxError {
  readonly name: string;
  readonly offset: number | undefined;
}

interface Span {
  readonly offset: number;
  readonly length: number;
}

function inspect(text: string, parser: JsonWithComments, allowTrailingComma: boolean): { errors: SyntaxError[]; comments: Span[] } {
  const errors: SyntaxError[] = [];
  const comments: Span[] = [];
  try {
    parser.visit(
      text,
      {
        onError: (code, offset) => errors.push({ name: parser.printParseErrorCode(code), offset }),
        onComment: (offset, length) => comments.push({ offset, length }),
      },
      { allowTrailingComma },
    );
  } catch {
    errors.push({ name: "TooDeep", offset: undefined });
  }
  return { errors, comments };
}

/** `text` with the spans, which come in order, made spaces, so that every other character keeps its place. */
function blank(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let end = 0;
  for (const { offset, length } of spans) {
    parts.push(text.slice(end, offset), text.slice(offset, offset + length).replace(/[^\r\n]/g, " "));
    end = offset + length;
  }
  return parts.join("") + text.slice(end);
}

function trailingCommas(plain: string, errors: readonly SyntaxError[]): { offset: number; error: JsonTextError }[] {
  const closings = new Set(errors.map(({ offset }) => offset ?? 0));
  return Array.from(closings, closing => {
    const offset = plain.lastIndexOf(",", closing);
    const error = {
      line: lineAt(plain, offset),
      expected: `no comma before the closing ${plain[closing]}`,
      got: "a trailing comma",
      fix: "Remove the comma.",
    };
    return { offset, error };
  });
}

const expectations: Readonly<Record<string, string>> = {
  PropertyNameExpected: "a name in double quotes",
  ColonExpected: 'a ":" after the name',
  CommaExpected: 'a "," between entries',
  CloseBraceExpected: 'a closing "}"',
  CloseBracketExpected: 'a closing "]"',
  EndOfFileExpected: "nothing after the end of the value",
  UnexpectedEndOfComment: 'a closing "*/"',
  UnexpectedEndOfString: "a closing double quote on the same line",
  UnexpectedEndOfNumber: "a digit",
  InvalidUnicode: "four hexadecimal digits after \\u",
  InvalidEscapeCharacter: 'one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u after a backslash',
  InvalidCharacter: "no control character in a string",
  TooDeep: "at most 64 levels",
};

function describeSyntaxError(text: string, { name, offset }: SyntaxError): JsonTextError {
  const expected = expectations[name] ?? "a JSON value";
  const fix = "Correct the syntax there; strings and names stand in double quotes, and comments are allowed.";
  if (name === "TooDeep") return { expected, got: "more", fix: "Flatten it." };
  if (offset === undefined) return { expected, got: "something else", fix };
  return { line: lineAt(text, offset), expected, got: describeCharacter(text[offset]), fix };
}

function describeCharacter(character: string | undefined): string {
  if (character === undefined) return "the end of the file";
  return character === '"' ? "a double quote" : JSON.stringify(character);
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** `JSON.parse` keeps the last of two equal names without a word; more names in the text than in the value gives them away. */
function repeatsNames(text: string, value: unknown): boolean {
  return countNamesInText(text) !== countNamesInValue(value);
}

function countNamesInText(text: string): number {
  let names = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) {
    do {
      at = text.indexOf('"', at + 1);
    } while (isEscaped(text, at));
    let next = at + 1;
    while (" \t\r\n".includes(text[next] ?? "x")) next++;
    if (text[next] === ":") names++;
  }
  return names;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}

function countNamesInValue(root: unknown): number {
  let names = 0;
  const pending = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    const members = Object.values(value);
    if (!Array.isArray(value)) names += members.length;
    for (const member of members) if (typeof member === "object" && member !== null) pending.push(member);
  }
  return names;
}
