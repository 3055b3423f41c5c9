import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { TokenGuard } from "./token-guard.ts";
import type { Exchange } from "../routing/exchange.ts";

const guard = new TokenGuard([
  { name: "ci", token: "0123456789abcdef", scope: "operate" },
  { token: "fedcba9876543210", scope: "read" },
]);
const from = (authorization: readonly string[], more: Partial<Exchange> & { readonly sent?: Readonly<Record<string, string>> } = {}): Exchange =>
  ({ headers: () => authorization, header: (name: string) => more.sent?.[name], ...more }) as unknown as Exchange;

describe("TokenGuard", () => {
  test("knows the bearer of each token by name and scope, in any case of the scheme", () => {
    expect(guard.identify(from(["Bearer 0123456789abcdef"]))).toEqual({ name: "ci", scope: "operate" });
    expect(guard.identify(from(["bearer  fedcba9876543210 "]))).toEqual({ name: "read", scope: "read" });
  });

  test.each([
    [[]],
    [["Bearer 0123456789abcde"]],
    [["Bearer 0123456789abcdeg"]],
    [["0123456789abcdef"]],
    [["Basic 0123456789abcdef"]],
    [["Bearer0123456789abcdef"]],
    [["Bearer 0123456789abcdef", "Bearer 0123456789abcdef"]],
    [["Bearer 0123456789abcdef, Bearer 0123456789abcdef"]],
    [[`Bearer ${"x".repeat(5_000)}`]],
    [["Bearer \0"]],
  ])("takes %j for a stranger", authorization => {
    expect(guard.identify(from(authorization))).toEqual({ name: "nobody", scope: "open" });
  });

  test("compares digests of one length, all of them, in constant time", () => {
    // that it does is a matter of its structure: the hash is taken of whatever comes, and the loop has no way out
    const source = readFileSync(new URL("./token-guard.ts", import.meta.url), "utf8");
    expect(source).toMatch(/for \(const known of this\.#tokens\) if \(timingSafeEqual\(known\.digest, digest\)\) found = /);
    expect(/for \(const known.*?\n  }/s.exec(source)?.[0]).not.toMatch(/break|return(?! found)/);
  });

  test("keeps no token in clear", () => {
    expect(JSON.stringify(guard)).not.toContain("0123456789abcdef");
  });

  test("without tokens lets this machine do everything, and nobody else anything", () => {
    const open = new TokenGuard([]);
    const local = { localAddress: "127.0.0.1", remoteAddress: "127.0.0.1" };
    expect(open.identify(from([], local)).scope).toBe("admin");
    expect(open.identify(from([], { localAddress: "::1", remoteAddress: "::ffff:127.0.0.1" })).scope).toBe("admin");
    expect(open.identify(from([])).scope).toBe("admin");
    expect(open.identify(from([], { ...local, remoteAddress: "192.168.1.9" })).scope).toBe("open");
    expect(open.identify(from([], { ...local, localAddress: "192.168.1.5" })).scope).toBe("open");
    expect(open.identify(from([], { ...local, sent: { "x-forwarded-for": "1.2.3.4" } })).scope).toBe("open");
    expect(open.identify(from([], { ...local, sent: { forwarded: "for=1.2.3.4" } })).scope).toBe("open");
  });
});
