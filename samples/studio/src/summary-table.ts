import { displayWidth, wrapToWidth } from "./display-width.ts";
import type { StudioFileSummary } from "./studio-records.ts";
import { formatTextTable } from "./text-table.ts";

/**
 * What was found in the inbox and what was made from it: a line for each file, more where more was made or a problem has much to say,
 * and a sentence of totals below. It fits into `width` cells, down to 80; below 100 it says less about the files, so that paths stay whole.
 */
export function formatSummaryTable(files: readonly StudioFileSummary[], width = 100): string {
  const isNarrow = width < 100;
  const describe = isNarrow ? ({ kind }: StudioFileSummary) => kind : describeFile;
  const widest = (cells: readonly string[], most = Infinity): number => Math.min(most, Math.max(4, ...cells.map(displayWidth)));
  const nameWidth = widest(
    files.map(({ path }) => path),
    isNarrow ? 24 : 30,
  );
  const left = Math.max(40, width - nameWidth - widest(files.map(describe)) - 4);
  const rows = files.flatMap(file => {
    const [first = "", ...more] = describeResults(file).flatMap(result => wrapToWidth(result, left));
    return [[file.path, describe(file), first], ...more.map(line => ["", "", line])];
  });
  const table = formatTextTable([{ title: "File", maxWidth: nameWidth }, { title: "Is" }, { title: "Made from it", maxWidth: left }], rows);
  return `${table}\n\n${describeTotals(files)}`;
}

/** `German text, 251 words`, `jpeg picture, 75 kB`. */
export function describeFile({ kind, format, bytes, statistics }: Pick<StudioFileSummary, "kind" | "format" | "bytes" | "statistics">): string {
  if (statistics !== undefined) return `${languageName(statistics.language)} text, ${plural(statistics.words, "word")}`.trim();
  if (kind === format) return kind === "empty" ? "empty" : `${kind}, ${formatBytes(bytes)}`;
  return `${format} ${kind}, ${formatBytes(bytes)}`;
}

/** `18 files, 6 thumbnails, 11 translations, 1 problem.` */
export function describeTotals(files: readonly StudioFileSummary[]): string {
  const outputs = files.flatMap(file => file.outputs);
  const totals = [
    plural(files.length, "file"),
    plural(outputs.filter(output => output.kind === "thumbnail").length, "thumbnail"),
    plural(outputs.filter(output => output.kind === "translation").length, "translation"),
    plural(files.filter(file => file.problem !== undefined).length, "problem"),
  ];
  return `${totals.join(", ")}.`;
}

/** `1.4 MB`, `512 B`: three digits at most, in units of 1,000. */
export function formatBytes(bytes: number): string {
  let [size, unit] = [bytes, "B"];
  for (const next of ["kB", "MB", "GB", "TB"]) {
    if (size < 999.5) break;
    [size, unit] = [size / 1000, next];
  }
  return `${unit === "B" || size >= 9.95 ? Math.round(size) : size.toFixed(1)} ${unit}`;
}

function describeResults(file: StudioFileSummary): readonly string[] {
  return [...file.outputs.map(output => output.path), ...(file.problem === undefined ? [] : [`! ${file.problem}`])];
}

/** `Portuguese` for `pt`; nothing where the language is not known. */
function languageName(tag: string): string {
  return tag === "und" ? "" : (new Intl.DisplayNames("en", { type: "language" }).of(tag) ?? tag);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
