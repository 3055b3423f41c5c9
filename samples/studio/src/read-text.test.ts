import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { longestText, readText } from "./read-text.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

test("readText decodes a file, and refuses one that is too long", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "a.txt");
  writeFileSync(path, Buffer.from("sjö\r\n", "latin1"));
  expect(await readText(path, "latin-1")).toBe("sjö\n");
  writeFileSync(path, Buffer.alloc(longestText + 1, "a"));
  await expect(readText(path, "utf-8")).rejects.toThrow("1,000,001 bytes long; the studio reads texts of up to 1,000,000");
});
