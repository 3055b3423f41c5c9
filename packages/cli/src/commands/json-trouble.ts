/** Where a text stops being JSON. Lines and columns count from 1. */
export interface JsonTrouble {
  readonly line: number;
  readonly column: number;
  /** What would have to stand there: `a value`. */
  readonly expected: string;
  /** What does. */
  readonly found: string;
}

// oxlint-disable-next-line no-control-regex -- which JSON does not allow in strings
const token = /([{}[\]:,])|"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;
const space = /[ \t\r\n]*/y;

/** What is awaited next, and how to say so. */
const words = {
  value: "a value",
  valueOrEnd: 'a value or "]"',
  name: "a name in double quotes",
  nameOrEnd: 'a name in double quotes or "}"',
  colon: '":"',
  nextMember: '"," or "}"',
  nextElement: '"," or "]"',
  end: "nothing more",
} as const;

type Awaited = keyof typeof words;

/** Finds the place at which `text` stops being JSON; `undefined` for JSON. The engine's own messages name it for some mistakes only. */
export function jsonTrouble(text: string): JsonTrouble | undefined {
  const open: ("{" | "[")[] = [];
  let awaited: Awaited = "value";
  let at = 0;
  for (;;) {
    space.lastIndex = at;
    at += space.exec(text)![0].length;
    if (at >= text.length && awaited === "end") return undefined;
    token.lastIndex = at;
    const found = token.exec(text);
    const next: Awaited | undefined = found === null ? undefined : step(awaited, found[1] ?? (found[0].startsWith('"') ? "text" : "literal"), open);
    if (next === undefined) return describe(text, at, awaited);
    awaited = next;
    at = token.lastIndex;
  }
}

/** What is awaited after `seen`, or `undefined` where it may not stand here. `open` holds the brackets around. */
function step(awaited: Awaited, seen: string, open: ("{" | "[")[]): Awaited | undefined {
  const after = (): Awaited => (open.length === 0 ? "end" : open.at(-1) === "{" ? "nextMember" : "nextElement");
  const close = (): Awaited => {
    open.pop();
    return after();
  };
  switch (awaited) {
    case "nameOrEnd":
    case "name":
      return seen === "text" ? "colon" : seen === "}" && awaited === "nameOrEnd" ? close() : undefined;
    case "colon":
      return seen === ":" ? "value" : undefined;
    case "nextMember":
      return seen === "," ? "name" : seen === "}" ? close() : undefined;
    case "nextElement":
      return seen === "," ? "value" : seen === "]" ? close() : undefined;
    case "end":
      return undefined;
    case "value":
    case "valueOrEnd":
      if (seen === "text" || seen === "literal") return after();
      if (seen === "]" && awaited === "valueOrEnd") return close();
      if (seen !== "{" && seen !== "[") return undefined;
      open.push(seen);
      return seen === "{" ? "nameOrEnd" : "valueOrEnd";
  }
}

function describe(text: string, at: number, awaited: Awaited): JsonTrouble {
  const before = text.slice(0, at).split("\n");
  const character = text.codePointAt(at);
  const found =
    character === undefined
      ? "the end"
      : character === 0x22 && /value|name/.test(awaited)
        ? "a string that is not whole"
        : JSON.stringify(String.fromCodePoint(character));
  return { line: before.length, column: before.at(-1)!.length + 1, expected: words[awaited], found };
}
