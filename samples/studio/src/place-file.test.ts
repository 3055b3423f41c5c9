import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { placeFile } from "./place-file.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

test("placeFile replaces nothing, and loses nothing of many that come at once", async () => {
  using folder = createTemporaryFolder();
  writeFileSync(join(folder.path, "note.txt"), "mine");
  const names = await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const file = join(folder.path, `.${index}.part`);
      writeFileSync(file, String(index));
      return placeFile(file, folder.path, "note.txt");
    }),
  );
  expect(readFileSync(join(folder.path, "note.txt"), "utf8")).toBe("mine");
  expect(new Set(names).size).toBe(20);
  expect(names.toSorted()).toEqual(Array.from({ length: 20 }, (_, index) => `note-${index + 2}.txt`).toSorted());
  for (const [index, name] of names.entries()) expect(readFileSync(join(folder.path, name), "utf8")).toBe(String(index));
  expect(readdirSync(folder.path).filter(name => name.startsWith("."))).toEqual([]);
});

test("placeFile says what is wrong where there is no such folder", async () => {
  using folder = createTemporaryFolder();
  writeFileSync(join(folder.path, "a"), "");
  await expect(placeFile(join(folder.path, "a"), join(folder.path, "gone"), "a")).rejects.toThrow("ENOENT");
});
