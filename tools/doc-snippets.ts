import { basename, dirname } from "node:path";

/** A block of TypeScript in a document. */
export interface DocSnippet {
  /** Where the document is, from the root. */
  readonly document: string;
  /** The line of the document on which the code begins. */
  readonly line: number;
  /** Whether the block's info string asks for it to be run: `ts run`. */
  readonly run: boolean;
  /** Where the code belongs, from the folder that stands for the document; so that blocks of one document can import each other. */
  readonly file: string;
  /** The code, below as many empty lines as make its line numbers those of the document. */
  readonly code: string;
}

const block = /^```ts(?:[ \t]+(run))?[ \t]*\n([^]*?)^```[ \t]*$/gm;
const fileName = /^\/\/ ((?:[\w-]+\/)*[\w.-]+\.ts)$/m;

/**
 * The blocks of `markdown` that open with three backquotes and `ts`. A block whose first line is a comment with nothing but a path, such as
 * `// services/greeter.service.ts`, is that file; any other is named after its document and line.
 */
export function docSnippets(document: string, markdown: string): readonly DocSnippet[] {
  return Array.from(markdown.matchAll(block), ({ 1: run, 2: code, index }) => {
    const line = markdown.slice(0, index).split("\n").length + 1;
    const [first] = (code ?? "").split("\n", 1);
    const named = fileName.exec(first ?? "")?.[1];
    return {
      document,
      line,
      run: run !== undefined,
      file: named ?? `${basename(document, ".md").toLowerCase()}-${line}.ts`,
      code: "\n".repeat(line - 1) + code,
    };
  });
}

/** A folder name for a document: `docs/guide/calls.md` → `docs-guide-calls`. */
export function snippetFolder(document: string): string {
  return [...dirname(document).split(/[\\/]/), basename(document, ".md")]
    .filter(part => part !== ".")
    .join("-")
    .toLowerCase();
}
