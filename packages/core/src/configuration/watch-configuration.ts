import type { ConfigurationRoot } from "./configuration-root.ts";
import { watchFiles } from "./watch-files.ts";
import type { FileWatch, WatchFilesOptions } from "./watch-files.ts";

/**
 * Reloads `root` whenever one of its files changes, until the watch is closed; once at first too, for what changed between
 * its loading and now.
 */
export async function watchConfiguration(root: ConfigurationRoot, options: WatchFilesOptions): Promise<FileWatch> {
  const watch = await watchFiles(root.files, () => void root.reload(), options);
  await root.reload();
  return watch;
}
