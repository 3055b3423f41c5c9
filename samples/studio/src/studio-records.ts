import type { TextStatistics } from "./text-statistics.ts";

/** Times are milliseconds since the Unix epoch, sizes are bytes. */
export interface StudioFile {
  readonly id: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly kind: string;
  readonly format: string;
  readonly seenAt: number;
  /** For texts only. */
  readonly statistics?: TextStatistics;
  /** Why something could not be made from it. */
  readonly problem?: string;
}

export interface StudioOutput {
  readonly fileId: string;
  readonly path: string;
  readonly kind: "thumbnail" | "translation";
  readonly bytes: number;
  readonly madeAt: number;
}

export interface StudioTranslation {
  readonly fileId: string;
  readonly from: string;
  readonly to: string;
  readonly engine: "libretranslate" | "pseudo-localization";
  readonly path: string;
  readonly characters: number;
  readonly madeAt: number;
}

export interface LogEntry {
  readonly createdAt: number;
  readonly level: string;
  readonly service: string;
  readonly message: string;
}

/** A file with all that was made from it. */
export interface StudioFileSummary extends StudioFile {
  readonly outputs: readonly StudioOutput[];
}

/** What SQLite returns: columns by their names. */
export type Row = Readonly<Record<string, unknown>>;

export function toFile(row: Row): StudioFile {
  const statistics = {
    language: row["language"],
    characters: row["characters"],
    words: row["words"],
    sentences: row["sentences"],
    lines: row["lines"],
    readingSeconds: row["reading_seconds"],
  } as TextStatistics;
  return {
    id: row["id"] as string,
    path: row["path"] as string,
    bytes: row["bytes"] as number,
    sha256: row["sha256"] as string,
    kind: row["kind"] as string,
    format: row["format"] as string,
    seenAt: row["seen_at"] as number,
    ...(row["language"] === null ? {} : { statistics }),
    ...(row["problem"] === null ? {} : { problem: row["problem"] as string }),
  };
}

export function toOutput(row: Row): StudioOutput {
  return {
    fileId: row["file_id"] as string,
    path: row["path"] as string,
    kind: row["kind"] as StudioOutput["kind"],
    bytes: row["bytes"] as number,
    madeAt: row["made_at"] as number,
  };
}

export function toTranslation(row: Row): StudioTranslation {
  return {
    fileId: row["file_id"] as string,
    from: row["from_language"] as string,
    to: row["to_language"] as string,
    engine: row["engine"] as StudioTranslation["engine"],
    path: row["path"] as string,
    characters: row["characters"] as number,
    madeAt: row["made_at"] as number,
  };
}
