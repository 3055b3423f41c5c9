import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecretKey, redactText, redactValue } from "./redact.ts";

/** Milliseconds that this thread has been at work, to which nothing adds that the machine does besides. */
const worked = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

describe("isSecretKey", () => {
  test.each(
    "Password password DB_PASSWORD userPasswd Passphrase ClientSecret SECRET_KEY Token accessToken refresh_tokens ApiKey api_key API-KEY x-api-key ConnectionString connection_strings PrivateKey private.key AccountKey signingKey Credentials Authorization Set-Cookie pwd DB_PASS dbPass sentryDsn jwt".split(
      " ",
    ),
  )("takes %s for a secret", key => {
    expect(isSecretKey(key)).toBe(true);
  });

  test.each("Key primaryKey Author Compass passed Address Url Name Enabled MaxSize bypassed".split(" "))("takes %s for none", key => {
    expect(isSecretKey(key)).toBe(false);
  });
});

describe("redactText", () => {
  test.each([
    ["postgres://u:p@h/db", "postgres://***@h/db"],
    ["see nats://token@a,nats://u:p@b:4222 and more", "see nats://***@a,nats://***@b:4222 and more"],
    ["postgres://u:p@ss@h/db", "postgres://***@h/db"],
    ["postgres://u:p/a?b#c@h/db", "postgres://***@h/db"],
    ["https://h/path/@user?a=b@c", "https://h/path/@user?a=b@c"],
    ["http://localhost:8080/@user", "http://localhost:8080/@user"],
    ["Server=h;User=u;Password=p w;Port=1", "Server=h;User=u;Password=***;Port=1"],
    ["login failed: password=p user=u; retry", "login failed: password=*** user=u; retry"],
    ['Server=h;Pwd="a b";Port=1', "Server=h;Pwd=***;Port=1"],
    ["https://h/x?access_token=abc&b=1", "https://h/x?access_token=***&b=1"],
    ["mail me@example.org", "mail me@example.org"],
    ["plain", "plain"],
  ])("makes %o %o", (text, shown) => {
    expect(redactText(text)).toBe(shown);
  });

  test("takes time that grows with the text, not with its square", () => {
    for (const piece of ["://", "a://b:", "://a:b", "password=", "a.", "x:y@"]) {
      const text = piece.repeat(50_000);
      const before = worked();
      redactText(text);
      expect(worked() - before).toBeLessThan(1_000);
    }
  });
});

describe("redactValue", () => {
  test("replaces what stands under a secret's key, whole", () => {
    expect(redactValue("password", "x")).toBe("***");
    expect(redactValue("token", 12345)).toBe("***");
    expect(redactValue("credentials", { user: "u" })).toBe("***");
    expect(redactValue("a", { b: [{ ApiKey: "x", size: 1 }], url: "amqp://u:p@h" })).toEqual({ b: [{ ApiKey: "***", size: 1 }], url: "amqp://***@h" });
  });

  test("shows that a secret is absent, and what only counts or switches", () => {
    const shown = { token: undefined, password: null, secret: "", maxTokens: 4096, useToken: true };
    expect(redactValue("", shown)).toEqual(shown);
  });

  test("copies, and changes nothing of the original", () => {
    const original = Object.freeze({ a: Object.freeze([Object.freeze({ token: "x" })]), at: new Date(0) });
    expect(redactValue("", original)).toEqual({ a: [{ token: "***" }], at: new Date(0) });
    expect(original.a[0]).toEqual({ token: "x" });
  });

  test("survives circles, depth, width, throwing members and hostile objects", () => {
    const circle: Record<string, unknown> = { a: 1 };
    circle["self"] = [circle];
    expect(redactValue("", circle)).toEqual({ a: 1, self: ["[circular]"] });
    const shared = { x: 1 };
    expect(redactValue("", [shared, shared])).toEqual([{ x: 1 }, { x: 1 }]);
    const deep = JSON.parse("[".repeat(1_000) + "]".repeat(1_000)) as unknown;
    expect(JSON.stringify(redactValue("", deep))).toBe(`${"[".repeat(8)}"[deeper]"${"]".repeat(8)}`);
    expect((redactValue("", Array(5_000).fill(1)) as unknown[]).length).toBe(1_001);
    expect(Object.keys(redactValue("", Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, i]))) as object)).toHaveLength(1_001);
    const throwing = Object.defineProperty({ b: 1 }, "a", {
      enumerable: true,
      get: () => {
        throw new Error("no");
      },
    });
    expect(redactValue("", throwing)).toEqual({ b: 1, a: "[unreadable]" });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(redactValue("", { proxy })).toEqual({ proxy: "[unreadable]" });
  });

  test("keeps __proto__ a plain member", () => {
    const shown = redactValue("", JSON.parse('{"__proto__":{"token":"x"}}')) as object;
    expect(Object.getPrototypeOf(shown)).toBe(Object.prototype);
    expect(JSON.stringify(shown)).toBe('{"__proto__":{"token":"***"}}');
  });

  test("turns what JSON cannot hold into something it can", () => {
    const error = Object.assign(new Error("at http://u:p@h"), { code: "E", password: "x" });
    const shown = redactValue("", {
      big: 1n,
      f: () => 1,
      s: Symbol("s"),
      bytes: Buffer.from("abc"),
      map: new Map([["token", "x"]]),
      set: new Set([1]),
      url: new URL("http://u:p@h/"),
      error,
    });
    expect(shown).toMatchObject({ big: "1", f: "[a function]", s: "[Symbol(s)]", bytes: "[3 bytes]", map: { token: "***" }, set: [1], url: "http://***@h/" });
    expect((shown as { error: object }).error).toMatchObject({ name: "Error", message: "at http://***@h", code: "E", password: "***" });
    expect(() => JSON.stringify(shown)).not.toThrow();
  });

  test("never throws and never lets a password through", () => {
    fc.assert(
      fc.property(fc.object({ withBigInt: true, withDate: true, withMap: true, withSet: true, withNullPrototype: true }), object => {
        const shown = JSON.stringify(redactValue("", { ...object, password: "hunter2", nested: { dsn: "hunter2" } }));
        return !shown.includes("hunter2");
      }),
    );
  });
});
