import { createTestHost } from "@sora/core/testing";
import { describe, expect, test } from "vitest";
import { resolveWebOptions } from "./resolve-web-options.ts";
import { createSoraWeb } from "./sora-web.ts";
import type { WebOptions } from "./web-options.ts";

const token = "0123456789abcdef";

async function resolve(
  options: WebOptions,
  {
    configuration = {},
    environment = "Development",
    variables = {},
  }: { configuration?: object; environment?: string; variables?: Record<string, string> } = {},
) {
  await using host = await createTestHost({ configuration, environment });
  return resolveWebOptions(options, { configuration: host.configuration, environment, variables });
}

describe("resolveWebOptions", () => {
  test("stands on loopback at 4310 by default, with the limits of the promises", async () => {
    expect(await resolve({})).toEqual({
      address: "127.0.0.1",
      port: 4310,
      tokens: [],
      allowedHosts: ["127.0.0.1"],
      allowedOrigins: [],
      prefix: "",
      limits: { size: 1_048_576, depth: 64, keys: 10_000 },
      timeouts: { headers: 10_000, request: 60_000, reply: 30_000 },
      streams: 32,
    });
  });

  test("prefers options to configuration, and that to the variable PORT", async () => {
    const configuration = { Sora: { Web: { Address: "::1", Port: 5_000 } } };
    expect(await resolve({}, { variables: { PORT: "6000" } })).toMatchObject({ port: 6_000 });
    expect(await resolve({}, { configuration, variables: { PORT: "6000" } })).toMatchObject({ address: "::1", port: 5_000, allowedHosts: ["[::1]"] });
    expect(await resolve({ address: "localhost", port: 0 }, { configuration })).toMatchObject({ address: "localhost", port: 0 });
  });

  test("reads tokens with their scopes and names, hosts and origins from the configuration, in any case", async () => {
    const Web = {
      Token: token,
      Tokens: { ci: { Token: `${token}1`, Scope: "operate" }, Grafana: { token: `${token}2`, scope: "Read" } },
      AllowedHosts: ["ops.example.com"],
      AllowedOrigins: "https://a.example, https://b.example",
    };
    expect(await resolve({}, { configuration: { Sora: { Web } } })).toMatchObject({
      tokens: [
        { name: "admin", token, scope: "admin" },
        { name: "ci", token: `${token}1`, scope: "operate" },
        { name: "Grafana", token: `${token}2`, scope: "read" },
      ],
      allowedHosts: ["ops.example.com", "127.0.0.1"],
      allowedOrigins: ["https://a.example", "https://b.example"],
    });
  });

  test("lists every problem at once, and shows no token", async () => {
    const wrong = resolve(
      {
        port: 70_000,
        tokens: [
          { token: "tooshort-secret", scope: "read" },
          { name: "spaced", token: "a secret with spaces", scope: "root" as never },
          { name: "a", token, scope: "read" },
          { name: "b", token, scope: "admin" },
        ],
        allowedHosts: ["https://ops.example.com"],
        allowedOrigins: ["ops.example.com", "https://a.example/path", "*"],
        prefix: "sora/",
        limits: { size: -1 },
        timeouts: { headers: Number.NaN },
        streams: 1.5,
      },
      {},
    );
    const error = (await wrong.catch((thrown: unknown) => thrown)) as { code: string; message: string; details: { problems: string[] } };
    expect(error).toMatchObject({ code: "SORA_CONFIGURATION_INVALID" });
    expect(error.details.problems).toEqual([
      "the port 70000 is not an integer from 0 to 65535",
      'the token "read" has fewer than 16 characters',
      'the token "spaced" has characters that a header does not carry unharmed: printable ASCII without spaces is needed',
      'the token "spaced" has no scope of read, operate, admin',
      'the token "b" is also another\'s',
      'the allowed host "https://ops.example.com" is not a host name',
      'the allowed origin "ops.example.com" is not a scheme and a host, such as https://ops.example.com',
      'the allowed origin "https://a.example/path" is not a scheme and a host, such as https://ops.example.com',
      'the allowed origin "*" is not a scheme and a host, such as https://ops.example.com',
      'the prefix "sora/" is not a path such as /sora',
      "the limit `size` is not an integer of 0 or more",
      "the limit `streams` is not an integer of 0 or more",
      "the timeout `headers` is not a whole number of milliseconds",
    ]);
    expect(JSON.stringify(error) + error.message).not.toMatch(/secret|0123456789/);
  });

  test.each(["abc", "-1", "1.5", "99999"])("refuses PORT=%s", async PORT => {
    await expect(resolve({}, { variables: { PORT } })).rejects.toMatchObject({ code: "SORA_CONFIGURATION_INVALID" });
  });

  test.each(["Development", "Testing"])("stands open on loopback in %s", async environment => {
    expect((await resolve({}, { environment })).tokens).toEqual([]);
  });

  test.each([
    ["Production", "127.0.0.1"],
    ["Staging", "localhost"],
    ["Development", "0.0.0.0"],
    ["Development", "::"],
    ["Testing", "192.168.1.5"],
    ["Development", "my-machine"],
  ])("refuses to stand open in %s at %s, and does not with a token", async (environment, address) => {
    await expect(resolve({ address }, { environment })).rejects.toMatchObject({
      code: "SORA_CONFIGURATION_INVALID",
      message: expect.stringContaining("no token"),
    });
    expect(await resolve({ address, tokens: [{ token, scope: "read" }] }, { environment })).toMatchObject({ address });
  });
});

test("createSoraWeb refuses in Production without a token", async () => {
  await using host = await createTestHost({ environment: "Production" });
  expect(() => createSoraWeb(host)).toThrow(expect.objectContaining({ code: "SORA_CONFIGURATION_INVALID" }));
});
