import { detectLanguage } from "./detect-language.ts";
import { createLibreTranslateClient } from "./libretranslate-client.ts";
import type { Translation, TranslationRequest } from "./libretranslate-client.ts";
import { pseudoLocalize } from "./pseudo-localize.ts";
import type { StudioTranslation } from "./studio-records.ts";

/** Whatever turns texts into texts of another language. */
export interface TextTranslator {
  readonly engine: StudioTranslation["engine"];
  translate(request: TranslationRequest, signal: AbortSignal): Promise<Translation>;
  /** Resolves where it can work now; rejects as `translate` does where it cannot. */
  ping(signal: AbortSignal): Promise<unknown>;
}

const pseudoLocalizer: TextTranslator = {
  engine: "pseudo-localization",
  translate: async ({ text, from, to }) => ({ text: pseudoLocalize(text, to), from: from === "auto" ? detectLanguage(text) : from, to }),
  ping: async () => {},
};

/** The server at `url`; without one, pseudo-localization, which says in its first line that it is no translation. */
export function createTextTranslator(url: string | undefined, apiKey?: string): TextTranslator {
  if (url === undefined) return pseudoLocalizer;
  const client = createLibreTranslateClient({ url, ...(apiKey === undefined ? {} : { apiKey }) });
  return { engine: "libretranslate", translate: (request, signal) => client.translate(request, signal), ping: signal => client.languages(signal) };
}
