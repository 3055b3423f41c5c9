import { isUtf8 } from "node:buffer";
import { HttpProblem } from "./http-problem.ts";
import type { Exchange } from "../routing/exchange.ts";

/** What a body may be. */
export interface BodyLimits {
  /** Bytes. Default 1 MiB. */
  readonly size: number;
  /** Nested arrays and objects. Default 64. */
  readonly depth: number;
  /** Members and elements in all. Default 10,000. */
  readonly keys: number;
}

export const defaultBodyLimits: BodyLimits = { size: 1024 * 1024, depth: 64, keys: 10_000 };

/**
 * The request's JSON value; `undefined` for an empty body.
 *
 * @throws HttpProblem 400 with a JSON pointer for what is not JSON or not safe, 413 past a limit, 415 for another type or an encoding.
 */
export async function readJson(request: Exchange, limits: BodyLimits): Promise<unknown> {
  const encoding = request.header("content-encoding");
  if (encoding !== undefined && encoding !== "identity") throw new HttpProblem(415, "SORA_BODY_UNSUPPORTED", `A body encoded as ${JSON.stringify(encoding.slice(0, 40))} is not taken; send it plain.`);
  const bytes = await request.body(limits.size);
  if (bytes.length === 0) return undefined;
  const type = request.header("content-type");
  if (type === undefined || !/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) throw new HttpProblem(415, "SORA_BODY_UNSUPPORTED", "The body must be application/json.");
  if (!isUtf8(bytes)) throw new HttpProblem(400, "SORA_BODY_INVALID", "The body is not valid UTF-8.", { errors: [{ pointer: "", message: "expected UTF-8" }] });
  const value = parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
  inspect(value, limits);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new HttpProblem(400, "SORA_BODY_INVALID", "The body is not valid JSON.", { errors: [{ pointer: "", message: "expected JSON" }] });
  }
}

/** Walks the value without recursion, so that depth costs no stack. */
function inspect(value: unknown, limits: BodyLimits): void {
  if (typeof value !== "object" || value === null) return number(value, "");
  const pending: { readonly value: object; readonly pointer: string; readonly depth: number }[] = [{ value, pointer: "", depth: 1 }];
  let keys = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value: container, pointer, depth } = next;
    if (depth > limits.depth) throw refused(pointer, `nested deeper than ${limits.depth}`);
    for (const [key, member] of Object.entries(container)) {
      if (++keys > limits.keys) throw refused("", `more than ${limits.keys} members`);
      const at = `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      if (key === "__proto__" || (key === "constructor" && typeof member === "object" && member !== null && Object.hasOwn(member, "prototype"))) throw refused(at, "a member of this name is refused");
      if (typeof member === "object" && member !== null) pending.push({ value: member as object, pointer: at, depth: depth + 1 });
      else number(member, at);
    }
  }
}

/** `1e400` is read as Infinity. */
function number(value: unknown, pointer: string): void {
  if (typeof value === "number" && !Number.isFinite(value)) throw refused(pointer, "the number is too large");
}

function refused(pointer: string, message: string): HttpProblem {
  return new HttpProblem(400, "SORA_BODY_INVALID", `The body cannot be used: ${message}.`, { errors: [{ pointer: pointer.slice(0, 200), message }] });
}
