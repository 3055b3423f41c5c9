import { oneLine } from "./printable.ts";
import { cutToWidth, textWidth } from "./text-width.ts";
import type { Paint } from "./paint.ts";

export interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
  readonly align?: "right";
  readonly paint?: (text: string, paint: Paint, row: Row) => string;
  /** Left out where it says nothing of any row: no text, or only this one. */
  readonly idle?: string;
  /** Left out where the terminal is too narrow for all; those of the highest number go first. */
  readonly spare?: number;
}

export interface TableOptions {
  readonly paint: Paint;
  /** Width of the terminal; the last column is cut to fit. Absent: nothing is cut. */
  readonly width?: number | undefined;
}

const gap = "  ";

/** The last column is of use from here on. */
const leastOfLast = 16;

/** A column with all it says. */
interface Shown<Row> {
  readonly column: Column<Row>;
  readonly texts: readonly string[];
  readonly width: number;
}

/** Rows under dim titles, each a line whatever is in it, columns aligned by two spaces; a column that says nothing is left out. Ends with a line end. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], { paint, width }: TableOptions): string {
  const telling = columns.map(column => fill(column, rows)).filter(({ column, texts }) => texts.some(text => text !== (column.idle ?? "")));
  const shown = width === undefined ? telling : fit(telling, width);
  const widths = shown.map(one => one.width);
  const last = shown.length - 1;
  const line = (cell: (index: number) => readonly [text: string, painted: (text: string) => string]): string => {
    let text = "";
    let used = 0;
    for (let index = 0; index <= last; index++) {
      const [content, painted] = cell(index);
      const room = index === last && width !== undefined ? Math.max(8, width - used) : Number.POSITIVE_INFINITY;
      const fitted = cutToWidth(content, room);
      const padding = " ".repeat(Math.max(0, widths[index]! - textWidth(fitted)));
      const right = shown[index]!.column.align === "right";
      text += `${right ? padding : ""}${painted(fitted)}${right || index === last ? "" : padding}${index === last ? "" : gap}`;
      used += widths[index]! + gap.length;
    }
    return `${text.trimEnd()}\n`;
  };
  const head = line(index => [shown[index]!.column.title, text => paint("dim", text)]);
  return head + rows.map((row, at) => line(index => [shown[index]!.texts[at]!, text => shown[index]!.column.paint?.(text, paint, row) ?? text])).join("");
}

function fill<Row>(column: Column<Row>, rows: readonly Row[]): Shown<Row> {
  const texts = rows.map(row => oneLine(column.text(row)));
  return { column, texts, width: Math.max(textWidth(column.title), ...texts.map(textWidth)) };
}

/** Leaves out spare columns until the rest fits, the last one cut as far as that is of use. */
function fit<Row>(columns: readonly Shown<Row>[], room: number): readonly Shown<Row>[] {
  const needed = columns.reduce((sum, { width }, index) => sum + (index === columns.length - 1 ? Math.min(width, leastOfLast) : width + gap.length), 0);
  const spare = Math.max(0, ...columns.map(({ column }) => column.spare ?? 0));
  return needed <= room || spare === 0
    ? columns
    : fit(
        columns.filter(({ column }) => column.spare !== spare),
        room,
      );
}
