const accents: Readonly<Record<string, string>> = {
  ...pairs("abcdefghijklmnopqrstuvwxyz", "áƀçđéƒĝĥíĵķļɱñóþɋŕšţúṽŵẋýž"),
  ...pairs("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ÁƁÇĐÉƑĜĤÍĴĶĻṀÑÓÞɊŔŠŢÚṼŴẊÝŽ"),
};

/** What a program or a renderer reads, so that a translation must leave it alone. */
const kept = new RegExp(
  [
    "`[^`]*`", // code in Markdown
    String.raw`\]\([^)\s]{0,2000}\)`, // the address of a Markdown link
    String.raw`\b(?:https?|ftp)://[^\s)>\]]+[^\s)>\].,;:!?]`,
    String.raw`\b[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+`,
    String.raw`\$?\{\{?[^{}]*\}?\}`, // {name}, {{name}}, ${name}
    String.raw`%(?:\d+\$)?[sdifu@](?!\w)`, // %s, %1$d
    String.raw`</?[a-zA-Z][^<>]*>`, // HTML tags
  ].join("|"),
  "gu",
);

/** What Markdown wants at the start of a line: indentation, then headings, quotes, list marks. */
const lineStart = /^\s*(?:(?:#{1,6}|>|[-*+]|\d+[.)])\s+)*/u;
const fence = /^\s*(?:```|~~~)/u;
const growth = 0.3;

/** The first line of every text {@link pseudoLocalize} returns, so that no one takes it for a translation. */
export function pseudoLocalizationNotice(language: string): string {
  return `[Pseudo-localized for ${language}: a test of layout and fonts, not a translation. No translation server is configured.]`;
}

/**
 * Makes a text look translated, as people do who test an interface before the translators are done: letters get accents, each line
 * grows by about 30 % and stands in ⟦brackets⟧. Placeholders, addresses and Markdown code stay as they are. `language` is only named in the notice.
 */
export function pseudoLocalize(text: string, language: string): string {
  let inCode = false;
  const lines = text.split("\n").map(line => {
    const isFence = fence.test(line);
    if (isFence) inCode = !inCode;
    return isFence || inCode || line.trim() === "" ? line : pseudoLocalizeLine(line);
  });
  return `${pseudoLocalizationNotice(language)}\n\n${lines.join("\n")}`;
}

function pseudoLocalizeLine(line: string): string {
  const start = lineStart.exec(line)?.[0] ?? "";
  const content = line.slice(start.length).trimEnd();
  if (content === "") return line;
  const padding = "·".repeat(Math.ceil(content.length * growth));
  return `${start}⟦${accentuate(content)} ${padding}⟧`;
}

function accentuate(content: string): string {
  let result = "";
  let from = 0;
  for (const { 0: token, index } of content.matchAll(kept)) {
    result += withAccents(content.slice(from, index)) + token;
    from = index + token.length;
  }
  return result + withAccents(content.slice(from));
}

function withAccents(text: string): string {
  return text.replaceAll(/[a-z]/gi, letter => accents[letter] ?? letter);
}

function pairs(from: string, to: string): Record<string, string> {
  return Object.fromEntries(Array.from(from, (letter, index) => [letter, to.charAt(index)]));
}
