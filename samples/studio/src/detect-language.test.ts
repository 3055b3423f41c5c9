import { describe, expect, test } from "vitest";
import { detectLanguage } from "./detect-language.ts";

describe("detectLanguage", () => {
  test.each([
    ["en", "The bread is on the table, and it was baked for you this morning."],
    ["pt", "O pão está na mesa, e não foi feito para você por ela, mas por mais alguém."],
    ["de", "Das Brot liegt auf dem Tisch, und es ist nicht für dich, sondern für den Gast."],
    ["es", "El pan está en la mesa y no es para el perro, pero lo hay también en su casa."],
    ["fr", "Le pain est sur la table, et il n'est pas pour nous mais pour ceux qui sont avec elle."],
    ["it", "Il pane è sul tavolo, ma non è per il cane, e anche della torta non c'è più niente."],
    ["sv", "Brödet ligger på bordet, och det är inte till hunden, men han har redan ätit av det."],
    ["ja", "パンはテーブルの上にあります。"],
    ["zh", "面包在桌子上，不是给狗吃的。"],
    ["ar", "الخبز على الطاولة، وليس للكلب."],
  ])("tells %s", (language, text) => {
    expect(detectLanguage(text)).toBe(language);
  });

  test.each(["", "   \n", "42 + 42 = 84", "Sora Studio", "Хлеб лежит на столе.", "lorem ipsum dolor sit amet consectetur"])("does not guess for %j", text => {
    expect(detectLanguage(text)).toBe("und");
  });

  test("takes Japanese with many Chinese characters for Japanese", () => {
    expect(detectLanguage("東京都庁舎第一本庁舎展望室は無料で入場できます")).toBe("ja");
  });
});
