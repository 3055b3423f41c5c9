import { mkdirSync } from "node:fs";
import { basename, extname, join } from "node:path";

/** Where the studio reads and writes. Folders that are missing are made. */
export class StudioFolders {
  readonly inbox: string;
  readonly out: string;

  /** Both as absolute paths. */
  constructor(inbox: string, out: string) {
    this.inbox = inbox;
    this.out = out;
    for (const folder of [inbox, join(out, "thumbnails"), join(out, "translations")]) mkdirSync(folder, { recursive: true });
  }

  get database(): string {
    return join(this.out, "studio.db");
  }

  /** Where the host keeps what it has been asked for until it is done. */
  get work(): string {
    return join(this.out, "work.db");
  }

  /** The absolute path of something made, from the one it is saved under. */
  made(path: string): string {
    return join(this.out, path);
  }

  /** The absolute path of a file of the inbox. */
  received(name: string): string {
    return join(this.inbox, name);
  }
}

/** Where a picture's thumbnail goes, from `out`: the whole name and `.png`, so that no two pictures share one. */
export function thumbnailPath(fileName: string): string {
  return `thumbnails/${fileName}.png`;
}

/** Where a text's translation goes, from `out`: `translations/letter.pt-BR.txt` for `letter.txt`. Markdown stays Markdown, anything else is plain text. */
export function translationPath(fileName: string, language: string): string {
  const extension = extname(fileName);
  if ([".md", ".txt"].includes(extension.toLowerCase())) return `translations/${basename(fileName, extension)}.${language}${extension}`;
  return `translations/${fileName}.${language}.txt`;
}
