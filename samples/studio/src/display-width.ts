const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

// Scripts whose characters take two cells of a terminal, their punctuation, and the full-width forms.
const wide = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\u30a0-\u30ff\uff01-\uff60\uffe0-\uffe6]/u;
const emoji = /^\p{Emoji_Presentation}|\ufe0f/u;
const invisible = /^[\p{Cc}\p{Cf}\p{M}]+$/u;

/** How many cells of a terminal `text` takes: Chinese characters and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += cells(segment);
  return width;
}

/** The start of `text` that fits into `width` cells, with `…` in the last one where something is missing. */
export function fitToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let result = "";
  let used = 1; // the ellipsis
  for (const { segment } of segmenter.segment(text)) {
    used += cells(segment);
    if (used > width) break;
    result += segment;
  }
  return `${result}…`;
}

/** Breaks a text between words into lines of at most `width` cells; a longer word gets a line of its own. */
export function wrapToWidth(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && displayWidth(`${line} ${word}`) <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function cells(grapheme: string): number {
  if (wide.test(grapheme) || emoji.test(grapheme)) return 2;
  return invisible.test(grapheme) ? 0 : 1;
}
