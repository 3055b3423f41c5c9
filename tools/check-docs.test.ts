import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { brokenLinks, docProblems, keysOf, misnumberedDecisions, untiedCodes, untiedHostOptions, untiedKeys, untiedNames, untiedRooms } from "./check-docs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

describe("brokenLinks", () => {
  test("finds links to no file, to no heading, and out of the repository", () => {
    const markdown = "# A Title, of `sorts`\n[a](nowhere.md) [b](#no-such-title) [b](#a-title-of-sorts) [c](../../outside.md) ![d](img/none.png)";

    expect(brokenLinks(root, "docs/page.md", markdown)).toEqual([
      "docs/page.md: nowhere.md leads to no file",
      "docs/page.md: #no-such-title leads to no heading",
      "docs/page.md: ../../outside.md leads out of the repository",
      "docs/page.md: img/none.png leads to no file",
    ]);
  });

  test("passes over good links, addresses and code", () => {
    const markdown = ["[a](package.json)", '[b](<package.json> "title")', "[c](https://example.org/x)", "`[d](no.md)`", "```md\n[e](no.md)\n```"].join("\n");

    expect(brokenLinks(root, "README.md", markdown)).toEqual([]);
  });
});

describe("untiedCodes", () => {
  test("names codes without a heading, headings without a code, and codes described twice", () => {
    expect(untiedCodes(["SORA_A", "SORA_B"], "## SORA_A\n\n## `SORA_C`\n\n## SORA_A\n")).toEqual([
      "docs/reference/errors.md has no heading SORA_B",
      "docs/reference/errors.md describes SORA_C, which no error carries",
      "docs/reference/errors.md describes SORA_A twice",
    ]);
  });
});

describe("untiedKeys", () => {
  test("names keys of the configuration that are not listed, and listed ones that are none", () => {
    const rules = {
      A: { type: "section", keys: { One: { type: "text" }, Two: { type: "text" }, Own: { type: "free" } } },
      B: { type: "named", each: { type: "section", keys: { Three: { type: "text" }, Four: { type: "text" } } } },
      Free: { type: "free" },
    };
    const page = "| key under `Sora` | is |\n| --- | --- |\n| `A:One`, `:Own` | `text` |\n| `B:{name}:Three` | |\n| `C` | |\n\n| `other` | |\n";

    expect(untiedKeys(keysOf(rules), page)).toEqual([
      "docs/guide/configuration.md does not list A:Two",
      "docs/guide/configuration.md does not list B:{name}:Four",
      "docs/guide/configuration.md lists C, which is no key",
    ]);
  });
});

describe("untiedHostOptions", () => {
  test("names options of a host that are not listed, and listed ones that are none", () => {
    const page =
      "| option | |\n| `elsewhere` | |\n\n## Every option of a host\n\n| option | default |\n| --- | --- |\n| `a`, `b` | `x` |\n| `d` | |\n\n| `other` | |\n";

    expect(untiedHostOptions(["a", "b", "c"], page)).toEqual([
      "docs/guide/lifecycle.md does not list c, an option of a host",
      "docs/guide/lifecycle.md lists d, which is no option of a host",
    ]);
  });
});

describe("misnumberedDecisions", () => {
  test("names decisions without a number, numbers given twice, and a gap", () => {
    expect(misnumberedDecisions(["0001-a.md", "0002-b.md", "0002-c.md", "0004-d.md", "0005-e.md", "the-f.md"])).toEqual([
      "docs/decisions/the-f.md has no number",
      "docs/decisions has two of number 0002",
      "docs/decisions has a gap before 0004",
    ]);
  });
});

describe("untiedRooms", () => {
  test("names rooms that are not listed, and listed ones that are none", () => {
    const architecture = "## The rooms of `src`\n\n```\nevents/   the hub\nghosts/   nobody\n```\n";
    expect(untiedRooms(["events", "time"], architecture)).toEqual([
      "ARCHITECTURE.md does not list the room time/",
      "ARCHITECTURE.md lists ghosts/, which is no room",
    ]);
  });
});

describe("untiedNames", () => {
  test("names what no source has, and passes over sentences and blocks of code", () => {
    const markdown = "`run()`, `Lane.take`, `Ghost`, `npm run check`, `a > b`\n\n```\n`Other`\n```\n";
    expect(untiedNames("A.md", markdown, "class Lane { take() {} }\nfunction run() {}")).toEqual(["A.md speaks of Ghost, which is not in the code"]);
  });
});

test("the repository's documents lead somewhere, ARCHITECTURE.md speaks of what there is, and docs/reference/errors.md describes every code of the catalogue and no other", () => {
  expect(docProblems(root)).toEqual([]);
});
