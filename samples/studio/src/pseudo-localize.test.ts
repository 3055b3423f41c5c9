import { describe, expect, test } from "vitest";
import { pseudoLocalizationNotice, pseudoLocalize } from "./pseudo-localize.ts";

/** Milliseconds that this thread has been at work, to which nothing adds that the machine does besides. */
const worked = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** The text below the notice. */
const localize = (text: string): string => pseudoLocalize(text, "pt-BR").split("\n").slice(2).join("\n");

describe("pseudoLocalize", () => {
  test("says first what it is, and for which language", () => {
    const text = pseudoLocalize("Hello", "pt-BR");
    expect(text.startsWith(`${pseudoLocalizationNotice("pt-BR")}\n\n⟦`)).toBe(true);
    expect(pseudoLocalizationNotice("pt-BR")).toMatch(/pt-BR.*not a translation/);
  });

  test("gives letters accents, lets the line grow by about 30 %, and puts it in brackets", () => {
    expect(localize("Hello, World!")).toBe("⟦Ĥéļļó, Ŵóŕļđ! ····⟧");
    const long = "a sentence of an ordinary length, as there are many";
    const grown = localize(long).length / long.length;
    expect(grown).toBeGreaterThan(1.25);
    expect(grown).toBeLessThan(1.45);
  });

  test("maps every letter of the alphabet to another one that is a letter too", () => {
    const alphabet = "abcdefghijklmnopqrstuvwxyz";
    for (const letters of [alphabet, alphabet.toUpperCase()]) {
      const mapped = localize(letters).replace(/[⟦⟧ ·]/g, "");
      expect(mapped).toMatch(/^\p{L}{26}$/u);
      expect(Array.from(mapped).filter((letter, index) => letter === letters[index])).toEqual([]);
    }
  });

  test.each([
    "{name}",
    "{{count}}",
    "${total}",
    "%s",
    "%1$d",
    "`npm start`",
    "https://example.org/a?b=c&d=e",
    "help@example.org",
    "<strong>",
    "](https://example.org/page)",
    "](./relative/page.md)",
  ])("keeps %s as it is", kept => {
    expect(localize(`see ${kept} here`)).toContain(` ${kept} `.replace(" ]", "]").trimStart());
    expect(localize(`see ${kept} here`)).toContain("šéé");
  });

  test("does not take the full stop after an address for a part of it", () => {
    expect(localize("see https://example.org/page.")).toContain("https://example.org/page. ·");
  });

  test("keeps fenced code, blank lines and what Markdown wants at the start of a line", () => {
    const text = "# Title\n\n- one\n  1. two\n> three\n```sh\nrun it\n```\nafter";
    expect(localize(text).split("\n")).toEqual([
      expect.stringMatching(/^# ⟦Ţíţļé/),
      "",
      expect.stringMatching(/^- ⟦óñé/),
      expect.stringMatching(/^ {2}1\. ⟦ţŵó/),
      expect.stringMatching(/^> ⟦ţĥŕéé/),
      "```sh",
      "run it",
      "```",
      expect.stringMatching(/^⟦áƒţéŕ/),
    ]);
  });

  test("brackets scripts it has no accents for", () => {
    expect(localize("朝の散歩")).toBe("⟦朝の散歩 ··⟧");
  });

  test("takes time that grows with the text alone, whatever is in it", () => {
    const started = worked();
    for (const part of ["`", "{", "](", "<", "%", "a.", "http://", "# ", "> "]) pseudoLocalize(part.repeat(20_000), "de");
    expect(worked() - started).toBeLessThan(3_000);
  });
});
