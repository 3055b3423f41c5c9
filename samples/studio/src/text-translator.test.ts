import { expect, test } from "vitest";
import { pseudoLocalizationNotice } from "./pseudo-localize.ts";
import { createTextTranslator } from "./text-translator.ts";

test("createTextTranslator without a server pseudo-localizes, and says so", async () => {
  const translator = createTextTranslator(undefined);
  const { signal } = new AbortController();
  const { text, from } = await translator.translate({ text: "The market opens at six, and the baker is there.", from: "auto", to: "pt-BR" }, signal);
  expect(text.split("\n")[0]).toBe(pseudoLocalizationNotice("pt-BR"));
  expect(from).toBe("en");
  expect(translator.engine).toBe("pseudo-localization");
  await expect(translator.ping(signal)).resolves.toBeUndefined();
});

test("createTextTranslator with a server asks it", async () => {
  const translator = createTextTranslator("http://127.0.0.1:1");
  const { signal } = new AbortController();
  expect(translator.engine).toBe("libretranslate");
  await expect(translator.translate({ text: "a", from: "en", to: "pt-BR" }, signal)).rejects.toMatchObject({ reason: "unreachable" });
  await expect(translator.ping(signal)).rejects.toMatchObject({ mayPass: true });
});
