/** What was found where a settings file is looked for. */
export type SettingsFile =
  | { readonly kind: "missing" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "refused"; readonly line?: number; readonly expected: string; readonly got: string; readonly fix: string };

/** The largest settings file that is read, in bytes. */
export const settingsFileLimit: number = 1024 * 1024;

const byteOrderMark = "\ufeff";

/** Reads the settings file at `path`. Never rejects: what cannot be read as a text is `refused`, with the reason. */
export async function readSettingsFile(path: string): Promise<SettingsFile> {
  try {
    // looked at before it is opened: opening a pipe waits for its writer, and 100 MB should not be read to be refused;
    // and at once, since most files asked for are not there, which the thread pool takes a hundred times longer to say
    const found = process.getBuiltinModule("node:fs").statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return { kind: "missing" };
    if (found.isDirectory()) return refuse("a file", "a folder", "Remove or rename the folder.");
    if (!found.isFile()) return refuse("a file", "a device, pipe or socket", "Put a regular file there.");
    if (found.size > settingsFileLimit) return tooLarge(found.size);
    return decode(await process.getBuiltinModule("node:fs/promises").readFile(path));
  } catch (error) {
    return refuseError(error);
  }
}

function decode(bytes: Buffer): SettingsFile {
  if (bytes.length > settingsFileLimit) return tooLarge(bytes.length);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return refuse("UTF-8 text", "UTF-16 text", "Save the file as UTF-8.");
  }
  const text = bytes.toString("utf8");
  if (process.getBuiltinModule("node:buffer").isUtf8(bytes)) return { kind: "text", text: text.startsWith(byteOrderMark) ? text.slice(1) : text };
  const line = text.slice(0, text.indexOf("\ufffd")).split("\n").length;
  return { ...refuse("UTF-8 text", "a byte that is not UTF-8", "Save the file as UTF-8."), line };
}

function tooLarge(bytes: number): SettingsFile {
  return refuse("at most 1 MiB", `${bytes.toLocaleString("en-US")} bytes`, "Move what is not configuration into a file of its own.");
}

function refuseError(error: unknown): SettingsFile {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "an unknown error";
  if (code === "ENOENT") return { kind: "missing" }; // deleted since it was looked at
  if (code === "EACCES" || code === "EPERM") return refuse("a readable file", code, "Let this process's user read the file.");
  return refuse("a readable file", code, "Make the file readable, or remove it.");
}

function refuse(expected: string, got: string, fix: string): SettingsFile & { kind: "refused" } {
  return { kind: "refused", expected, got, fix };
}
