import { detectLanguage } from "./detect-language.ts";
import type { LanguageTag } from "./detect-language.ts";

export interface TextStatistics {
  readonly language: LanguageTag;
  /** What a reader would count as characters: a letter with its accents is one, and so is an emoji. */
  readonly characters: number;
  readonly words: number;
  readonly sentences: number;
  /** Lines with something on them. */
  readonly lines: number;
  /** How long reading takes at a leisurely pace. */
  readonly readingSeconds: number;
}

const wordsPerMinute = 220;

/** Counts what is in a text. Words and sentences are found by the rules of its language, also where no spaces divide them. */
export function measureText(text: string): TextStatistics {
  const language = detectLanguage(text);
  const wordSegmenter = new Intl.Segmenter(language, { granularity: "word" });
  const sentenceSegmenter = new Intl.Segmenter(language, { granularity: "sentence" });
  const characterSegmenter = new Intl.Segmenter(language, { granularity: "grapheme" });
  let [characters, words, sentences, lines] = [0, 0, 0, 0];
  // Line by line: nothing we count spans two lines, and segmenting is fastest on short texts.
  for (const line of text.split("\n")) {
    characters += length(characterSegmenter.segment(line));
    if (line.trim() === "") continue;
    lines += 1;
    for (const segment of wordSegmenter.segment(line)) if (segment.isWordLike === true) words += 1;
    for (const { segment } of sentenceSegmenter.segment(line)) if (/[\p{L}\p{N}]/u.test(segment)) sentences += 1;
  }
  return { language, characters, words, sentences, lines, readingSeconds: Math.ceil((words / wordsPerMinute) * 60) };
}

function length(segments: Intl.Segments): number {
  let count = 0;
  for (const _ of segments) count += 1;
  return count;
}
