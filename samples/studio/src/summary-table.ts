import type { StudioFileSummary } from "./studio-records.ts";
import { formatTextTable } from "./text-table.ts";

/** What was found in the inbox and what was made from it, a line for each file, with a sentence of totals below. */
export function formatSummaryTable(files: readonly StudioFileSummary[]): string {
  const table = formatTextTable(
    [
      { title: "File", maxWidth: 34 },
      { title: "Type", maxWidth: 16 },
      { title: "Size", align: "right" },
      { title: "Language" },
      { title: "Words", align: "right" },
      { title: "Made from it", maxWidth: 60 },
    ],
    files.map(file => [
      file.path,
      `${file.kind} ${file.format === file.kind ? "" : file.format}`.trim(),
      formatBytes(file.bytes),
      file.statistics === undefined ? "" : languageName(file.statistics.language),
      file.statistics === undefined ? "" : String(file.statistics.words),
      describeResult(file),
    ]),
  );
  const outputs = files.flatMap(file => file.outputs);
  const problems = files.filter(file => file.problem !== undefined);
  const totals = [
    plural(files.length, "file"),
    plural(outputs.filter(output => output.kind === "thumbnail").length, "thumbnail"),
    plural(outputs.filter(output => output.kind === "translation").length, "translation"),
    plural(problems.length, "problem"),
  ];
  return `${table}\n\n${totals.join(", ")}.`;
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

function describeResult(file: StudioFileSummary): string {
  const made = file.outputs.map(output => output.path);
  return [...made, ...(file.problem === undefined ? [] : [`! ${file.problem}`])].join(", ");
}

function languageName(tag: string): string {
  return tag === "und" ? "unknown" : (new Intl.DisplayNames("en", { type: "language" }).of(tag) ?? tag);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
