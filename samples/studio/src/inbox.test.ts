import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { expect, test } from "vitest";
import { decodeText } from "./decode-text.ts";
import { detectFileType, hasFittingExtension } from "./detect-file-type.ts";
import { makeThumbnail } from "./make-thumbnail.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";
import { measureText } from "./text-statistics.ts";

const folder = fileURLToPath(new URL("../inbox/", import.meta.url));

test.each([
  ["asa-no-sanpo.txt", "utf-8", "ja"],
  ["bottega-del-liutaio.utf16.txt", "utf-16le", "it"],
  ["fahrradwerkstatt.txt", "utf-8", "de"],
  ["le-jardin-partage.txt", "utf-8", "fr"],
  ["market-morning.txt", "utf-8", "en"],
  ["padaria-da-esquina.md", "utf-8", "pt"],
  ["receta-de-la-abuela.md", "utf-8", "es"],
  ["release-notes.md", "utf-8", "en"],
  ["rihla-bil-qitar.txt", "utf-8", "ar"],
  ["vinterbad.latin1.txt", "latin-1", "sv"],
  ["zhoumo-bao-jiaozi.txt", "utf-8", "zh"],
])("the inbox's %s is a short text in %s, found to be %s", (name, encoding, language) => {
  const bytes = readFileSync(join(folder, name));
  const type = detectFileType(bytes);
  expect(type).toEqual({ kind: "text", format: encoding });
  const text = decodeText(bytes, encoding as "utf-8");
  expect(text).not.toContain("�");
  const statistics = measureText(text);
  expect(statistics.language).toBe(language);
  expect(statistics.words).toBeGreaterThanOrEqual(150);
  expect(statistics.words).toBeLessThanOrEqual(400);
});

test.each([
  ["sunrise-over-the-lake.jpg", { format: "jpeg", width: 1600, height: 1066 }],
  ["mountain-panorama.jpg", { format: "jpeg", width: 2600, height: 1300 }],
  ["portrait-of-a-gardener.jpg", { format: "jpeg", orientation: 6, autoOrient: { width: 1000, height: 1300 } }],
  ["weekly-visitors.png", { format: "png", hasAlpha: false }],
  ["paper-lantern.png", { format: "png", hasAlpha: true }],
  ["postcard.jpg", { format: "png" }],
])("the inbox's %s is the picture it should be, and gets its thumbnail", async (name, expected) => {
  using out = createTemporaryFolder();
  const source = join(folder, name);
  expect(await sharp(source).metadata()).toMatchObject(expected);
  await expect(makeThumbnail({ source, target: join(out.path, "t.png") })).resolves.toMatchObject({ width: 200, height: 200 });
});

test("the inbox has a picture with a wrong ending, a broken one and an empty file", async () => {
  using out = createTemporaryFolder();
  const misnamed = readdirSync(folder).filter(name => !hasFittingExtension(name, detectFileType(readFileSync(join(folder, name)))));
  expect(misnamed).toEqual(["postcard.jpg"]);
  await expect(makeThumbnail({ source: join(folder, "broken-holiday-photo.jpg"), target: join(out.path, "t.png") })).rejects.toThrow("damaged");
  expect(statSync(join(folder, "empty.txt")).size).toBe(0);
});

test("the inbox stays small", () => {
  const sizes = readdirSync(folder).map(name => statSync(join(folder, name)).size);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3_000_000);
});
