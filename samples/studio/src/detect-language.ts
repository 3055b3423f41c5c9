/** The language of a text as a short tag such as `"pt"`, or `"und"` where it cannot be told. */
export type LanguageTag = "en" | "pt" | "de" | "es" | "fr" | "it" | "sv" | "ja" | "zh" | "ar" | "und";

/** Little words that are frequent in one language and rare in the others; those shared by several count for each. */
const littleWords: Readonly<Record<"en" | "pt" | "de" | "es" | "fr" | "it" | "sv", ReadonlySet<string>>> = {
  en: words("the and of to is in it that was for are with they be at have this from or had by but what there we were your which when"),
  pt: words("o a os as de que e do da em um uma não para com é se por mais mas na no dos ao pelo ele ela são também já você muito quem"),
  de: words("der die das und ist nicht ein eine den dem zu mit auf für von sich auch es an wer wie oder aus wird sind noch bei nach"),
  es: words("el la los las de que y en un una no para con es se por más pero lo su al como está del le sin cuando muy todo también hay"),
  fr: words("le la les de des et est un une que qui dans pour pas on ne du au sur avec il elle sont mais ce cette se nous vous aux où"),
  it: words("il lo la gli le di che e un una non per con è si da del della nel ma come più anche sono dei alla perché solo poi quando"),
  sv: words("och det att i en som är på av för med den till inte har om ett han men var så från de när eller sig då efter under"),
};

const sampleLength = 20_000;

/** Guesses a text's language: by its script where that decides, else by its little words. */
export function detectLanguage(text: string): LanguageTag {
  const sample = text.slice(0, sampleLength);
  const letters = count(sample, /\p{L}/gu);
  if (letters === 0) return "und";
  const kana = count(sample, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  const han = count(sample, /\p{Script=Han}/gu);
  if (kana + han > letters / 2) return kana > han / 5 ? "ja" : "zh"; // Chinese is written without kana, Japanese hardly ever
  if (count(sample, /\p{Script=Arabic}/gu) > letters / 2) return "ar";
  return byLittleWords(sample.toLowerCase().match(/\p{L}+/gu) ?? []);
}

function byLittleWords(found: readonly string[]): LanguageTag {
  const scores = Object.entries(littleWords)
    .map(([language, little]) => ({ language: language as keyof typeof littleWords, hits: found.filter(word => little.has(word)).length }))
    .toSorted((a, b) => b.hits - a.hits);
  const [best, second] = scores;
  if (best === undefined || second === undefined) return "und";
  const clear = best.hits >= 3 && best.hits > second.hits && best.hits / found.length >= 0.1;
  return clear ? best.language : "und";
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
