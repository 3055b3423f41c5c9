import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StudioFolders, thumbnailPath, translationPath } from "./studio-folders.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

test("StudioFolders makes what is missing", () => {
  using temporary = createTemporaryFolder();
  const folders = new StudioFolders(join(temporary.path, "inbox"), join(temporary.path, "out"));
  expect(existsSync(folders.inbox)).toBe(true);
  expect(existsSync(folders.made("thumbnails"))).toBe(true);
  expect(existsSync(folders.made("translations"))).toBe(true);
});

test.each([
  ["letter.txt", "translations/letter.pt-BR.txt"],
  ["LETTER.MD", "translations/LETTER.pt-BR.MD"],
  ["letter.latin1.txt", "translations/letter.latin1.pt-BR.txt"],
  ["table.csv", "translations/table.csv.pt-BR.txt"],
  ["README", "translations/README.pt-BR.txt"],
])("translationPath of %s is %s", (name, path) => {
  expect(translationPath(name, "pt-BR")).toBe(path);
});

test("thumbnailPath keeps pictures of one name and two kinds apart", () => {
  expect(thumbnailPath("lake.jpg")).not.toBe(thumbnailPath("lake.png"));
});
