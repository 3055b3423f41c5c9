import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createLibreTranslateClient, LibreTranslateError, nearestLanguage } from "./libretranslate-client.ts";

type Answer = (request: { readonly path: string; readonly headers: IncomingMessage["headers"]; readonly body: string }, response: ServerResponse) => void;

const closing: (() => Promise<void>)[] = [];

/** A translation server on this machine that answers as `answer` says. */
async function serve(answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => answer({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(pieces).toString() }, response));
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
};

/** Translates by shouting, into German and Brazilian Portuguese; `answer` may take a request over. */
function shouting(answer: Answer = () => {}): Answer {
  return (request, response) => {
    if (request.path === "/languages")
      return json(response, [
        { code: "de", name: "German" },
        { code: "pb", name: "Portuguese (Brazil)" },
      ]);
    answer(request, response);
    if (response.writableEnded) return;
    const { q } = JSON.parse(request.body) as { q: string };
    json(response, { translatedText: q.toUpperCase(), detectedLanguage: { language: "en", confidence: 90 } });
  };
}

async function failure(work: Promise<unknown>): Promise<LibreTranslateError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LibreTranslateError);
  return error as LibreTranslateError;
}

const request = { text: "hello", from: "auto", to: "pt-BR" };

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe("createLibreTranslateClient", () => {
  test("asks for the languages once, then sends the text in the server's name for the nearest one", async () => {
    const seen: { path: string; body: string }[] = [];
    const url = await serve((received, response) => {
      seen.push(received);
      shouting()(received, response);
    });
    const client = createLibreTranslateClient({ url, apiKey: "k1" });
    expect(await client.translate(request)).toEqual({ text: "HELLO", from: "en", to: "pb" });
    expect(await client.translate({ text: "bye", from: "en", to: "de-AT" })).toMatchObject({ text: "BYE", to: "de" });
    expect(seen.map(({ path }) => path)).toEqual(["/languages", "/translate", "/translate"]);
    expect(JSON.parse(seen[1]?.body ?? "")).toEqual({ q: "hello", source: "auto", target: "pb", format: "text", api_key: "k1" });
  });

  test("keeps the path of its address, and moves credentials from it into a header", async () => {
    const seen: string[] = [];
    const url = await serve(({ path, headers }, response) => {
      seen.push(`${path} ${headers.authorization}`);
      json(response, []);
    });
    await createLibreTranslateClient({ url: `${url.replace("//", "//ada:s%40crt@")}/api` }).languages();
    expect(seen).toEqual([`/api/languages Basic ${Buffer.from("ada:s@crt").toString("base64")}`]);
  });

  test("names a language the server lacks and those it has", async () => {
    const client = createLibreTranslateClient({ url: await serve(shouting()) });
    const error = await failure(client.translate({ ...request, to: "ja" }));
    expect(error).toMatchObject({ reason: "unsupported", mayPass: false });
    expect(error.message).toMatch(/"ja": the translation server at http:\/\/127\.0\.0\.1:\d+ offers de, pb\./);
  });

  test.each([
    [400, "refused", false],
    [403, "refused", false],
    [429, "busy", true],
    [500, "failed", true],
    [502, "unreachable", true],
    [503, "busy", true],
  ] as const)("calls an answer of %i %s, with what the server said", async (status, reason, mayPass) => {
    const url = await serve(shouting((_, response) => json(response, { error: "no thanks" }, status)));
    const error = await failure(createLibreTranslateClient({ url }).translate(request));
    expect(error).toMatchObject({ reason, mayPass, status });
    expect(error.message).toContain(`answered ${status} and said "no thanks"`);
  });

  test.each([
    ["no JSON", "<html>hello</html>"],
    ["no object", "null"],
    ["no text", '{"translatedText":["a"]}'],
  ])("calls an answer with %s a bad one", async (_, body) => {
    const url = await serve(shouting((_received, response) => void response.end(body)));
    expect((await failure(createLibreTranslateClient({ url }).translate(request))).reason).toBe("bad-answer");
  });

  test("says that nothing is there, without the credentials of the address", async () => {
    const url = await serve(shouting());
    await closing.pop()?.();
    const error = await failure(createLibreTranslateClient({ url: url.replace("//", "//ada:secret@") }).translate(request));
    expect(error).toMatchObject({ reason: "unreachable", mayPass: true });
    expect(error.message).toContain("ECONNREFUSED");
    expect(error.message).not.toContain("secret");
  });

  test("gives up on a server that does not answer in time, also in the middle of an answer", async () => {
    for (const stall of [() => {}, (response: ServerResponse) => void response.write('{"translated')]) {
      const url = await serve((received, response) => (received.path === "/languages" ? shouting()(received, response) : stall(response)));
      const error = await failure(createLibreTranslateClient({ url, timeout: 60 }).translate(request));
      expect(error).toMatchObject({ reason: "timeout", mayPass: true });
      expect(error.message).toContain("within 60 ms");
    }
  });

  test("rejects with its caller's reason when the caller aborts", async () => {
    const controller = new AbortController();
    const reason = new Error("stopping");
    const url = await serve((received, response) => {
      if (received.path === "/languages") shouting()(received, response);
      else controller.abort(reason);
    });
    const client = createLibreTranslateClient({ url });
    await expect(client.translate(request, controller.signal)).rejects.toBe(reason);
    await expect(client.languages(AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test("asks for the languages again after a failure", async () => {
    let broken = true;
    const url = await serve((received, response) => (broken ? json(response, {}, 500) : shouting()(received, response)));
    const client = createLibreTranslateClient({ url });
    expect((await failure(client.translate(request))).reason).toBe("failed");
    broken = false;
    expect((await client.translate(request)).text).toBe("HELLO");
  });
});

describe("nearestLanguage", () => {
  test.each([
    [["pt", "pb"], "pt-BR", "pb"],
    [["pt"], "pt-BR", "pt"],
    [["pt-BR", "pt"], "pt-br", "pt-BR"],
    [["zh"], "zh-Hans", "zh"],
    [["zh-Hans"], "zh", "zh-Hans"],
    [["en"], "de", undefined],
  ])("of %j for %s is %s", (supported, wanted, chosen) => {
    expect(nearestLanguage(supported, wanted)).toBe(chosen);
  });
});
