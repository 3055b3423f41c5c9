// Controls, separators of lines and marks that reorder text: what could end a line, drive a terminal, or read differently from what was written.
const unsafe = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Text from elsewhere on one line, safe for a terminal: line ends become spaces, other control characters visible escapes. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, " ").replace(unsafe, escaped);
}

/** Text from elsewhere with its own lines and tabs, otherwise safe for a terminal. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(unsafe, character => (character === "\n" || character === "\t" ? character : escaped(character)));
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
