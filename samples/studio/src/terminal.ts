import { styleText } from "node:util";
import { fitToWidth } from "./display-width.ts";
import { printable } from "./printable.ts";

type Style = Parameters<typeof styleText>[0];

/** Where a {@link Terminal} writes: standard output, or any stream. */
export type TerminalStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

const clearLine = "\r\u001B[2K";

/**
 * Writes lines for people. Below them stands one line of status that is written over again and again, where the stream is a
 * terminal; a file or a pipe gets the lines alone, without colour. `NO_COLOR` is respected.
 */
export class Terminal {
  readonly #stream: TerminalStream;
  #status = "";

  constructor(stream: TerminalStream) {
    this.#stream = stream;
    stream.on("error", () => {}); // whoever read it has gone, as `head` does; the work goes on
  }

  /** How many cells a line has; 100 where nobody knows. */
  get width(): number {
    return this.#stream.columns ?? 100;
  }

  /** The same where it is a terminal; a file or a pipe has lines of any length. */
  get lineWidth(): number {
    return this.#stream.isTTY === true ? this.width : Number.POSITIVE_INFINITY;
  }

  print(text: string): void {
    // the line is cleared even without a status: a pressed Ctrl-C may have left its mark there
    this.#stream.write(this.#stream.isTTY === true ? `${clearLine}${text}\n${this.#status}` : `${text}\n`);
  }

  /** Replaces the status; an empty one removes it. */
  status(text: string): void {
    if (this.#stream.isTTY !== true) return;
    const status = text === "" ? "" : this.paint("dim", fitToWidth(printable(text), this.width - 1));
    if (status !== this.#status) this.#stream.write(clearLine + status);
    this.#status = status;
  }

  /** `text` in a style, where the stream shows styles. */
  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#stream });
  }
}
