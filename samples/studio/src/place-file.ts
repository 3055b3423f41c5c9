import { constants } from "node:fs";
import { copyFile, link, rm } from "node:fs/promises";
import { join } from "node:path";
import { numberedFileName } from "./safe-file-name.ts";

/** Moves a file into `folder` under `name`, or with a number where there is one of that name, and returns the name it got. It appears whole, and over no other. */
export async function placeFile(file: string, folder: string, name: string): Promise<string> {
  for (let number = 1; ; number++) {
    const placed = number === 1 ? name : numberedFileName(name, number);
    try {
      await linkOrCopy(file, join(folder, placed));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw error;
    }
    await rm(file, { force: true });
    return placed;
  }
}

/** A rename would replace a file that is there; a second name for the same file does not. Some file systems have no second names. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EXDEV"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}
