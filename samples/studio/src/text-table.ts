import { displayWidth, fitToWidth } from "./display-width.ts";
import { printable } from "./printable.ts";

export interface TableColumn {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Longer cells are cut to so many terminal cells. */
  readonly maxWidth?: number;
}

/** Lays out cells under their titles, aligned by what they take in a terminal. Control characters in cells are replaced. */
export function formatTextTable(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(column => column.title), ...rows].map(row =>
    columns.map((column, index) => fitToWidth(printable(row[index] ?? ""), column.maxWidth ?? Number.POSITIVE_INFINITY)),
  );
  const widths = columns.map((_, index) => Math.max(...cells.map(row => displayWidth(row[index] ?? ""))));
  const lines = cells.map(row =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0, columns[index]?.align))
      .join("  ")
      .trimEnd(),
  );
  const rule = widths.map(width => "─".repeat(width)).join("  ");
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

function pad(cell: string, width: number, align: TableColumn["align"]): string {
  const space = " ".repeat(width - displayWidth(cell));
  return align === "right" ? space + cell : cell + space;
}
