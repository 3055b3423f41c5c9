export interface LibreTranslateOptions {
  /** Where the server is, such as `http://localhost:5000`; a path is kept. */
  readonly url: string;
  /** Only servers that ask for one need it. */
  readonly apiKey?: string;
  /** How long one answer may take, in milliseconds; 30,000 by default. */
  readonly timeout?: number;
}

export interface TranslationRequest {
  readonly text: string;
  /** A tag such as `"de"`, or `"auto"` to let the server find out. */
  readonly from: string;
  /** A tag such as `"pt-BR"`; the nearest language the server has is used. */
  readonly to: string;
}

export interface Translation {
  readonly text: string;
  /** What the server took the text to be, or what it was told. */
  readonly from: string;
  /** The server's own name for the language it translated into. */
  readonly to: string;
}

export interface LibreTranslateClient {
  /** Rejects with a {@link LibreTranslateError}, or with the signal's reason once that is aborted. */
  translate(request: TranslationRequest, signal?: AbortSignal): Promise<Translation>;
  /** The languages the server translates into. Rejects as `translate` does. */
  languages(signal?: AbortSignal): Promise<readonly string[]>;
}

/** Why there is no translation. */
export type LibreTranslateFailure =
  | "unreachable" // no server there, or none behind the one that is
  | "timeout" // it took too long
  | "busy" // it asks for patience
  | "failed" // something broke inside it
  | "refused" // it said no: a missing key, a text too long
  | "unsupported" // it does not know the language
  | "bad-answer"; // it answers something else than LibreTranslate does

export class LibreTranslateError extends Error {
  override readonly name = "LibreTranslateError";
  readonly reason: LibreTranslateFailure;
  readonly status: number | undefined;

  constructor(reason: LibreTranslateFailure, message: string, options: { readonly status?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.status = options.status;
  }

  /** Whether trying again later can help. */
  get mayPass(): boolean {
    return ["unreachable", "timeout", "busy", "failed"].includes(this.reason);
  }
}

/** Talks to any server with LibreTranslate's HTTP interface. Nothing is sent before the first call. */
export function createLibreTranslateClient({ url, apiKey, timeout = 30_000 }: LibreTranslateOptions): LibreTranslateClient {
  const base = new URL(url.endsWith("/") ? url : `${url}/`);
  const headers = { "content-type": "application/json", ...takeCredentials(base) };
  const server = `the translation server at ${base.origin}`;
  let supported: readonly string[] | undefined; // asked for once; a failure is forgotten, so that the next call asks again

  async function ask(path: string, init: RequestInit, signal: AbortSignal | undefined): Promise<unknown> {
    signal?.throwIfAborted();
    const deadline = AbortSignal.timeout(timeout);
    try {
      const response = await fetch(new URL(path, base), {
        ...init,
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      });
      const body = await response.text();
      if (!response.ok) throw refusal(server, response.status, body);
      return JSON.parse(body);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof LibreTranslateError) throw cause;
      if (deadline.aborted) throw new LibreTranslateError("timeout", `Cannot translate: no answer from ${server} within ${timeout} ms.`, { cause });
      if (cause instanceof SyntaxError) throw badAnswer(server, cause);
      throw new LibreTranslateError("unreachable", `Cannot translate: ${server} cannot be reached (${describeCause(cause)}).`, { cause });
    }
  }

  async function languages(signal?: AbortSignal): Promise<readonly string[]> {
    const answer = await ask("languages", { headers }, signal);
    if (!Array.isArray(answer)) throw badAnswer(server);
    return answer.flatMap((language: unknown) => (isRecord(language) && typeof language["code"] === "string" ? [language["code"]] : []));
  }

  async function chooseTarget(wanted: string, signal: AbortSignal | undefined): Promise<string> {
    supported ??= await languages(signal);
    const chosen = nearestLanguage(supported, wanted);
    if (chosen !== undefined) return chosen;
    throw new LibreTranslateError("unsupported", `Cannot translate into "${wanted}": ${server} offers ${supported.join(", ")}.`);
  }

  return {
    languages,
    async translate({ text, from, to }, signal) {
      const target = await chooseTarget(to, signal);
      const body = JSON.stringify({ q: text, source: from, target, format: "text", ...(apiKey === undefined ? {} : { api_key: apiKey }) });
      const answer = await ask("translate", { method: "POST", headers, body }, signal);
      if (!isRecord(answer) || typeof answer["translatedText"] !== "string") throw badAnswer(server);
      const detected = answer["detectedLanguage"];
      const source = isRecord(detected) && typeof detected["language"] === "string" ? detected["language"] : from;
      return { text: answer["translatedText"], from: source, to: target };
    },
  };
}

/** Servers name some languages their own way: Brazilian Portuguese is `pb`, simplified Chinese `zh` or `zh-Hans`. */
export function nearestLanguage(supported: readonly string[], wanted: string): string | undefined {
  const tag = wanted.toLowerCase();
  const language = tag.split("-")[0] ?? tag;
  const candidates = [tag, ...(tag === "pt-br" ? ["pb"] : []), language];
  for (const candidate of candidates) {
    const found = supported.find(each => each.toLowerCase() === candidate);
    if (found !== undefined) return found;
  }
  return supported.find(each => each.toLowerCase().startsWith(`${language}-`));
}

/** Moves a user name and password from a URL, where `fetch` refuses them and messages would show them, into a header. */
function takeCredentials(url: URL): Record<string, string> {
  if (url.username === "") return {};
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  [url.username, url.password] = ["", ""];
  return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

function refusal(server: string, status: number, body: string): LibreTranslateError {
  const said = body === "" ? "nothing more" : `"${saidIn(body)}"`;
  return new LibreTranslateError(failureOf(status), `Cannot translate: ${server} answered ${status} and said ${said}.`, { status });
}

function failureOf(status: number): LibreTranslateFailure {
  if (status === 429 || status === 503) return "busy";
  if (status === 502 || status === 504) return "unreachable";
  return status >= 500 ? "failed" : "refused";
}

function saidIn(body: string): string {
  try {
    const answer: unknown = JSON.parse(body);
    if (isRecord(answer) && typeof answer["error"] === "string") return answer["error"].slice(0, 200);
  } catch {
    // then the body itself is what it said
  }
  return body.slice(0, 200);
}

function badAnswer(server: string, cause?: unknown): LibreTranslateError {
  return new LibreTranslateError("bad-answer", `Cannot translate: ${server} did not answer as LibreTranslate does. Is the address right?`, {
    cause,
  });
}

function describeCause(cause: unknown): string {
  const root = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return root instanceof Error ? root.message || root.name : String(root);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
