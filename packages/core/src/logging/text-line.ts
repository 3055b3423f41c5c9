import { escapeControlCharacters } from "./escape-control-characters.ts";
import { isErrorRecord } from "./loggable-value.ts";
import type { ErrorRecord } from "./loggable-value.ts";

/** One finished line as the JSON format writes it: the fields stand beside these four. */
export interface LogRecord {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  readonly service?: unknown;
  readonly [field: string]: unknown;
}

type Style = Parameters<typeof import("node:util").styleText>[0];
type Paint = (style: Style, text: string) => string;

const levelStyles: Readonly<Record<string, Style>> = { debug: "gray", info: "green", warn: "yellow", error: "red" };
const plain: Paint = (_style, text) => text;
const coloured: Paint = (style, text) => process.getBuiltinModule("node:util").styleText(style, text, { validateStream: false });

/**
 * A record for people: `12:03:04.512 info  TranslationService  Starting translation  fileId=f1 to=pt-BR`, in local time,
 * ending in a line break. A message of several lines goes on below, indented, and so do errors among the fields, with code, message, fix, stack and causes. Other control
 * characters are escaped wherever they come from, so nothing can pass for a line of its own.
 */
export function formatTextLine(record: LogRecord, colour: boolean): string {
  const paint = colour ? coloured : plain;
  const { time, level, msg, service, ...fields } = record;
  const levelText = paint(levelStyles[level] ?? "reset", level.padEnd(5));
  const origin = service === undefined ? "" : `${paint("cyan", asText(service))}  `;
  const [first, ...rest] = linesOf(msg);
  const parts = [`${paint("gray", localTime(time))} ${levelText} ${origin}${first}`];
  const pairs: string[] = [];
  const below = rest.map(line => `    ${line}`);
  for (const [key, value] of Object.entries(fields)) {
    if (isErrorRecord(value)) below.push(...errorLines(key, value, paint, "    "));
    else pairs.push(`${paint("gray", `${escapeControlCharacters(key)}=`)}${asText(value)}`);
  }
  if (pairs.length > 0) parts.push(pairs.join(" "));
  return `${[parts.join("  "), ...below].join("\n")}\n`;
}

function errorLines(label: string, error: ErrorRecord, paint: Paint, indent: string): string[] {
  const inner = `${indent}  `;
  const name = [error.name, error.code].filter(part => typeof part === "string" || typeof part === "number").join(" ") || "Error";
  const [title, ...rest] = linesOf(`${name}: ${error.message}`);
  return [
    `${indent}${escapeControlCharacters(label)}: ${paint("red", title)}`,
    ...rest.map(line => paint("red", `${inner}${line}`)),
    ...(error.fix === undefined ? [] : [`${inner}fix: ${typeof error.fix === "string" ? escapeControlCharacters(error.fix) : asText(error.fix)}`]),
    ...(error.details === undefined ? [] : [`${inner}details: ${asText(error.details)}`]),
    ...stackFrames(error.stack).map(frame => paint("gray", `${inner}${escapeControlCharacters(frame)}`)),
    ...(error.cause === undefined ? [] : reasonLines("caused by", error.cause, paint, inner)),
    ...(Array.isArray(error.errors) ? error.errors.flatMap(one => reasonLines("one of", one, paint, inner)) : []),
  ];
}

function reasonLines(label: string, reason: unknown, paint: Paint, indent: string): string[] {
  return isErrorRecord(reason) ? errorLines(label, reason, paint, indent) : [`${indent}${label}: ${asText(reason)}`];
}

/** The lines of a text, each of which can stand for itself. */
function linesOf(text: string): [first: string, ...rest: string[]] {
  return text.split(/\r?\n/).map(escapeControlCharacters) as [string, ...string[]];
}

function stackFrames(stack: unknown): string[] {
  if (typeof stack !== "string") return [];
  return stack
    .split("\n")
    .map(line => line.trim())
    .filter(line => line.startsWith("at "));
}

/** Bare where that is unambiguous, in quotes where it is not, compact JSON for everything that is no string. */
function asText(value: unknown): string {
  const bare = typeof value === "string" && /^[^\s"=]+$/.test(value);
  return escapeControlCharacters(bare ? value : (JSON.stringify(value) ?? "undefined"));
}

function localTime(iso: string): string {
  const at = new Date(iso);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
