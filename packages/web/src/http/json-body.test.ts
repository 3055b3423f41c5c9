import { describe, expect, test } from "vitest";
import { webStage } from "../fixtures/web-stage.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

/** Sends a body to an action that takes anything. */
async function send(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}) {
  await using stage = await webStage();
  const answer = await stage.ask("/api/services/Math/actions/echo", { method: "POST", body, headers });
  return { ...answer, calls: stage.seen.calls };
}

describe("a body", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["{", "{", ""],
    ["a word", "yes", ""],
    ["a trailing comma", '{"a":1,}', ""],
    ["two values", "1 2", ""],
    ["a single quote", "{'a':1}", ""],
    ["NaN", "NaN", ""],
    ["bad UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x22]), ""],
    ["an overlong encoding", new Uint8Array([0x22, 0xc0, 0xaf, 0x22]), ""],
    ["a lone surrogate in UTF-8", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), ""],
    ["a byte order mark", new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]), ""],
    ["1e400", "1e400", ""],
    ["1e400 within", '{"a":[1,{"b":1e400}]}', "/a/1/b"],
    ["-1e400 within", "[-1e400]", "/0"],
    ["depth 65", nested(65), "/0".repeat(64)],
    ["depth 500,000", nested(500_000), "/0".repeat(64)],
    ["10,001 elements", JSON.stringify(Array.from({ length: 10_001 }, () => 0)), ""],
    ["10^5 keys", JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [index, 0]))), ""],
    ["10,001 members spread out", JSON.stringify(Array.from({ length: 101 }, () => Array.from({ length: 100 }, () => 0))), ""],
    ["__proto__", '{"__proto__":{"polluted":true}}', "/__proto__"],
    ["__proto__ within", '[{"a":{"__proto__":1}}]', "/0/a/__proto__"],
    ["__proto__, escaped", '{"\\u005f_proto__":{}}', "/__proto__"],
    ["constructor.prototype", '{"constructor":{"prototype":{"polluted":true}}}', "/constructor"],
    ["a pointer that needs escaping", '{"a/b":{"c~d":1e400}}', "/a~1b/c~0d"],
  ])("of %s gives 400 with a JSON pointer, and reaches no action", async (_, body, pointer) => {
    const { status, json, calls } = await send(body);
    expect({ status, code: json.code, pointer: json.errors?.[0]?.pointer }).toEqual({ status: 400, code: "SORA_BODY_INVALID", pointer });
    expect(calls).toBe(0);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test.each<[string, string | Uint8Array, unknown]>([
    ["depth 64", nested(64), JSON.parse(nested(64))],
    ["10,000 elements", JSON.stringify(Array.from({ length: 10_000 }, () => 0)), Array.from({ length: 10_000 }, () => 0)],
    ["a member called constructor", '{"constructor":"x","prototype":1}', { constructor: "x", prototype: 1 }],
    ["a constructor without a prototype", '{"constructor":{"name":"x"}}', { constructor: { name: "x" } }],
    ["the largest number", "[1.7976931348623157e308,-0,5e-324]", [1.7976931348623157e308, 0, 5e-324]],
    ["umlauts", utf8('"äöü€😀"'), "äöü€😀"],
    ["null", "null", null],
    ["false", "false", false],
    ["[]", "[]", []],
  ])("of %s is taken as it is", async (_, body, result) => {
    const { status, json, calls } = await send(body);
    expect({ status, result: json.result, calls }).toEqual({ status: 200, result, calls: 1 });
  });

  test("that is empty counts as none", async () => {
    await using stage = await webStage();
    expect(await stage.ask("/api/services/Math/actions/nothing", { method: "POST" })).toMatchObject({
      status: 200,
      json: { correlationId: expect.any(String) },
    });
    expect(await stage.ask("/api/services/Math/actions/add", { method: "POST" })).toMatchObject({
      status: 400,
      json: { code: "SORA_PARAMETERS_INVALID", errors: [{ pointer: "" }] },
    });
    expect(await stage.ask("/api/services/Math/actions/add", { body: "[]" })).toMatchObject({ status: 400, json: { code: "SORA_PARAMETERS_INVALID" } });
  });

  test("of exactly 1 MiB is taken, and of one byte more gives 413", async () => {
    const fitting = JSON.stringify("x".repeat(1024 * 1024 - 2));
    expect(await send(fitting)).toMatchObject({ status: 200, calls: 1 });
    expect(await send(`${fitting} `)).toMatchObject({ status: 413, calls: 0, json: { code: "SORA_BODY_TOO_LARGE" } });
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ["text/plain", { "content-type": "text/plain" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["an upload", { "content-type": "multipart/form-data; boundary=x" }],
    ["a type that only begins like JSON", { "content-type": "application/jsonp" }],
    ["a text that mentions JSON", { "content-type": "text/plain; x=application/json" }],
    ["gzip", { "content-encoding": "gzip", "content-type": "application/json" }],
    ["two encodings", { "content-encoding": "identity, br", "content-type": "application/json" }],
  ])("as %s gives 415", async (_, headers) => {
    expect(await send("{}", headers)).toMatchObject({ status: 415, calls: 0, json: { code: "SORA_BODY_UNSUPPORTED" } });
  });

  test.each(["application/json", "application/json; charset=utf-8", "Application/JSON", "application/vnd.sora+json", "application/json ;charset=utf-8"])(
    "as %s is JSON",
    async type => {
      expect(await send("{}", { "content-type": type, "content-encoding": "identity" })).toMatchObject({ status: 200 });
    },
  );

  test("without a type gives 415, so that no page can send one without asking first", async () => {
    await using stage = await webStage();
    const request = new Request("http://127.0.0.1/api/services/Math/actions/echo", { method: "POST", body: utf8("{}") });
    expect((await stage.web.fetch(request)).status).toBe(415);
  });

  test("is held to the limits that the options give", async () => {
    await using stage = await webStage({ limits: { size: 10, depth: 2, keys: 3 } });
    const send = async (body: string): Promise<number> => (await stage.ask("/api/services/Math/actions/echo", { method: "POST", body })).status;
    expect([
      await send("[1,2,3]"),
      await send("[1,2,3,4]"),
      await send("[[]]"),
      await send("[[[]]]"),
      await send("[1,2,3  ]"),
      await send("[1,2,3    ]"),
    ]).toEqual([200, 400, 200, 400, 200, 413]);
  });
});
