import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readHostOptions } from "./read-host-options.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sora-options-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("readHostOptions", () => {
  test("is nothing where there is no file", async () => {
    expect(await readHostOptions(folder)).toEqual({});
  });

  test.each([
    ["sora.config.mjs", "export default { name: 'mine' };"],
    ["sora.config.mjs", "export default async () => ({ name: 'mine' });"],
    ["sora.config.mts", "export default { name: 'mine' as string };"],
  ])("takes what %s exports by default: %s", async (file, text) => {
    await writeFile(join(folder, file), text);
    expect(await readHostOptions(folder)).toEqual({ name: "mine" });
  });

  test.each(["export const options = {};", "export default 5;", "export default () => {};"])("refuses a file without options: %s", async text => {
    await writeFile(join(folder, "sora.config.mjs"), text);
    await expect(readHostOptions(folder)).rejects.toMatchObject({
      message: expect.stringContaining("does not have the host's options as its default export") as string,
    });
  });

  test("lets through what the file throws", async () => {
    await writeFile(join(folder, "sora.config.mjs"), "throw new Error('no vault');");
    await expect(readHostOptions(folder)).rejects.toThrow("no vault");
  });
});
