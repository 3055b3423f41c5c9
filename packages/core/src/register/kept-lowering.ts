import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { join } from "node:path";

/** Files kept, past which all are thrown away: of every version of every file there is one. */
const mostKept = 10_000;

/**
 * What `make` returns, from an earlier process where that was made of the same `parts` (anything that JSON holds). It lies in the folder in which Node keeps compiled code,
 * and is trusted as that is; where Node keeps none, or the folder refuses, it is made anew each time.
 */
export function keptLowering(parts: readonly unknown[], make: () => string): string {
  const kept = getCompileCacheDir();
  if (kept === undefined) return make();
  const folder = join(kept, "lowered");
  const file = join(folder, digest(JSON.stringify(parts)));
  const found = read(file);
  if (found !== undefined) return found;
  const made = make();
  write(folder, file, made);
  return made;
}

/** Nothing where it is not there, or not whole. */
function read(file: string): string | undefined {
  try {
    const content = readFileSync(file, "utf8");
    const code = content.slice(content.indexOf("\n") + 1);
    return content === sealed(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

function write(folder: string, file: string, code: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length >= mostKept) {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
    }
    writeFileSync(file, sealed(code), { mode: 0o600 });
  } catch {
    // it is made again next time
  }
}

/** With a first line that tells whether the rest is as it was written. */
function sealed(code: string): string {
  return `// ${digest(code)}\n${code}`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
