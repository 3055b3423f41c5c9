import type { StudioFileSummary } from "./studio-records.ts";
import { describeFile, describeTotals } from "./summary-table.ts";

/** What the studio made as a page of Markdown beside its outputs: thumbnails are shown, translations linked. */
export function formatReport(title: string, at: Date, files: readonly StudioFileSummary[]): string {
  const rows = files.map(file => `| ${[cell(file.path), cell(describeFile(file)), describeResult(file)].join(" | ")} |`);
  return [
    `# ${title}`,
    "",
    `${describeTotals(files)} Written on ${at.toISOString()}.`,
    "",
    "| file | is | made from it |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function describeResult({ outputs, problem }: StudioFileSummary): string {
  const made = outputs.map(({ kind, path }) => (kind === "thumbnail" ? `![](${link(path)})` : `[${cell(path)}](${link(path)})`));
  return [...made, ...(problem === undefined ? [] : [`**${cell(problem)}**`])].join(" ");
}

function link(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/").replaceAll("(", "%28").replaceAll(")", "%29");
}

/** A name may hold anything; here it must not end its cell or begin some markup. */
function cell(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, " ").replaceAll(/[\\|[\]<>*_`]/g, String.raw`\$&`);
}
