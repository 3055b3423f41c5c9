import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listInbox } from "./inbox-listing.ts";
import { createTemporaryFolder } from "./temporary-folder.ts";

test("listInbox lists plain files by name, and leaves out folders, hidden files and links to nothing", async () => {
  using folder = createTemporaryFolder();
  for (const name of ["b.txt", "a.txt", ".hidden"]) writeFileSync(join(folder.path, name), name);
  mkdirSync(join(folder.path, "folder"));
  symlinkSync(join(folder.path, "nowhere"), join(folder.path, "link"));
  expect((await listInbox(folder.path)).map(({ name }) => name)).toEqual(["a.txt", "b.txt"]);
});

test("listInbox gives a file another stamp when its size, its time or its permissions change", async () => {
  using folder = createTemporaryFolder();
  const path = join(folder.path, "a.txt");
  const stamp = async (): Promise<string | undefined> => (await listInbox(folder.path))[0]?.stamp;
  writeFileSync(path, "1");
  utimesSync(path, 1, 1);
  const first = await stamp();
  expect(await stamp()).toBe(first);
  utimesSync(path, 2, 2);
  expect(await stamp()).not.toBe(first);
  writeFileSync(path, "12");
  utimesSync(path, 1, 1);
  const second = await stamp();
  expect(second).not.toBe(first);
  const changed = async (): Promise<string | undefined> => (chmodSync(path, 0o600), await stamp());
  await expect.poll(changed).not.toBe(second); // more than once, since some file systems tell times by the hundredth of a second
});
