// C0 and C1 controls, line and paragraph separators, and the marks that reorder text: whatever could end a line, drive a
// terminal, or make a line read differently from what was written.
const unsafe = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;
const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u001b": "\\e" };

/** `text` on one line: control characters and marks that reorder text become visible escapes such as `\n` and `\u009b`. */
export function escapeControlCharacters(text: string): string {
  return text.replace(unsafe, character => named[character] ?? unicodeEscape(character));
}

/** A finished JSON line with the characters JSON itself lets through escaped as `\u....`; it parses to the same value. */
export function escapeJsonLine(line: string): string {
  // Inside JSON text every C0 control is escaped already; the only one left is the line's own end.
  return line.replace(unsafe, character => (character === "\n" ? character : unicodeEscape(character)));
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
