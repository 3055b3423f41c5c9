import { SoraError } from "../errors/sora-error.ts";
import { hollowKind } from "./hollow-kind.ts";

/** What is encoded, for the error that says it can't be. */
export type EncodedPart = "parameters" | "result" | "progress" | "payload" | "metadata";

/** Characters of the longest encoded value: 4 Mi. */
const longestEncoding = 4 * 1_024 * 1_024;
const deepest = 500;

/** The member that marks an object as standing for something JSON has not. */
export const tag = "$sora";

/**
 * JSON text of a value that must outlive this process or leave it. `Date`, `BigInt`, `Map`, `Set`, bytes, `NaN` and the infinities come back as they were; `undefined` as JSON has it, so a member
 * that is undefined is not there. An object with `toJSON` stands for what that returns, an instance of a class for its own members. `undefined` for `undefined`.
 *
 * @throws SoraError `SORA_PARAMETERS_NOT_SERIALIZABLE`, or `SORA_RESULT_NOT_SERIALIZABLE` for a result, with the path: for functions, symbols, promises, circles, what is nested deeper than
 *   500, texts longer than 4 Mi characters, and objects of which nothing would be kept, such as a `RegExp`, a generator or `Headers`.
 */
export function encodeValue(value: unknown, part: EncodedPart): string | undefined {
  if (value === undefined) return undefined;
  const text = JSON.stringify(new Encoder(part).encode(value, ""));
  if (text.length <= longestEncoding) return text;
  throw refusal(part, "", `it takes ${text.length} characters, and at most ${longestEncoding} are allowed`);
}

function refusal(part: EncodedPart, path: string, why: string, cause?: unknown): SoraError {
  const code = part === "result" ? "SORA_RESULT_NOT_SERIALIZABLE" : "SORA_PARAMETERS_NOT_SERIALIZABLE";
  return new SoraError(code, `Cannot store or send the ${part}: at $${path} ${why}.`, {
    details: { path: `$${path}` },
    ...(cause === undefined ? undefined : { cause }),
  });
}

class Encoder {
  readonly #part: EncodedPart;
  readonly #around: object[] = [];

  constructor(part: EncodedPart) {
    this.#part = part;
  }

  /** The value itself where JSON has it, which is nearly always; else what stands for it. */
  encode(value: unknown, path: string): unknown {
    switch (typeof value) {
      case "string":
      case "boolean":
      case "undefined":
        return value;
      case "number":
        return Number.isFinite(value) ? value : { [tag]: "number", value: String(value) };
      case "bigint":
        return { [tag]: "bigint", value: String(value) };
      case "object":
        return value === null ? null : this.#object(value, path);
      default:
        throw refusal(this.#part, path, `is a ${typeof value}`);
    }
  }

  #object(value: object, path: string): unknown {
    if (value instanceof Date) return { [tag]: "date", value: Number.isNaN(value.getTime()) ? null : value.toISOString() };
    if (ArrayBuffer.isView(value)) return bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    if (value instanceof ArrayBuffer) return bytes(new Uint8Array(value));
    if (this.#around.includes(value)) throw refusal(this.#part, path, "is an object that holds itself");
    if (this.#around.length >= deepest) throw refusal(this.#part, path, `is nested deeper than ${deepest}`);
    this.#around.push(value);
    const encoded = this.#within(value, path);
    this.#around.pop();
    return encoded;
  }

  #within(value: object, path: string): unknown {
    if (Array.isArray(value)) return this.#array(value, path);
    if (value instanceof Map) return { [tag]: "map", value: this.#array([...value].flat(), path) };
    if (value instanceof Set) return { [tag]: "set", value: this.#array([...value], path) };
    try {
      if (typeof (value as { then?: unknown }).then === "function") throw refusal(this.#part, path, "is a promise; await it first");
      const { toJSON } = value as { toJSON?: unknown };
      if (typeof toJSON === "function") return this.encode(toJSON.call(value, ""), path);
      if (value instanceof Error) return { name: value.name, message: value.message };
      const kind = hollowKind(value);
      if (kind !== undefined) throw refusal(this.#part, path, `is of the kind ${kind}, of which nothing would be kept`);
      return this.#members(value as Record<string, unknown>, path);
    } catch (error) {
      if (SoraError.is(error)) throw error;
      throw refusal(this.#part, path, "is an object that throws when it is read", error);
    }
  }

  #array(items: readonly unknown[], path: string): unknown {
    let copy: unknown[] | undefined;
    for (let index = 0; index < items.length; index++) {
      const encoded = this.encode(items[index], `${path}[${index}]`);
      if (copy === undefined && encoded !== items[index]) copy = items.slice(0, index);
      copy?.push(encoded);
    }
    return copy ?? items;
  }

  #members(value: Record<string, unknown>, path: string): unknown {
    const keys = Object.keys(value);
    const tagged = keys.includes(tag);
    let copy: [string, unknown][] | undefined = tagged ? [] : undefined;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as string;
      const member = value[key];
      const encoded = this.encode(member, path + step(key));
      if (copy === undefined && encoded !== member) copy = keys.slice(0, index).map(before => [before, value[before]]);
      copy?.push([key, encoded]);
    }
    if (copy === undefined) return value;
    // An object that has the mark itself would be taken for something else.
    return tagged ? { [tag]: "object", value: copy.flat() } : Object.fromEntries(copy);
  }
}

function step(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function bytes(value: Uint8Array): unknown {
  return { [tag]: "bytes", value: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64") };
}
