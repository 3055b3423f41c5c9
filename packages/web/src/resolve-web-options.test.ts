import { createTestHost } from "@sora/core/testing";
import { describe, expect, test } from "vitest";
import { resolveWebOptions } from "./resolve-web-options.ts";
import { createSoraWeb } from "./sora-web.ts";
import { serveSora } from "./web-server.ts";
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

  test("lists everything that is wrong with the options at once, and shows no token", async () => {
    const wrong = resolve({
      prot: 80,
      port: 70_000,
      tokens: [
        { token: "tooshort-secret", scope: "read" },
        { name: "spaced", token: "a secret with spaces", scope: "root" as never },
        { name: "a", token, scope: "read" },
        { name: "b", token, scope: "admin" },
        { name: "", token: 5 as never, scop: "admin" } as never,
      ],
      allowedHosts: ["https://ops.example.com", 5 as never],
      allowedOrigins: ["ops.example.com", "https://a.example/path", "*"],
      prefix: "sora/",
      limits: { size: -1, dept: 5 } as object,
      timeouts: { headers: Number.NaN, request: 2 ** 31 },
      streams: 1.5,
    } as WebOptions);
    const error = (await wrong.catch((thrown: unknown) => thrown)) as { code: string; message: string; details: { problems: string[] } };
    expect(error).toMatchObject({
      code: "SORA_OPTION_INVALID",
      message: expect.stringMatching(/^Cannot serve the control plane: 21 of its options are wrong\.\n/),
    });
    expect(error.details.problems).toEqual([
      "prot is no option of the control plane; did you mean port?",
      "port is 70000; it is an integer from 0 to 65535",
      'tokens[1].scope is "root"; it is one of "read", "operate", "admin"',
      "tokens[4].token is no string; it is one of 16 characters or more",
      'tokens[4].scope is null; it is one of "read", "operate", "admin"',
      'tokens[4].name is ""; it is a string that is not empty',
      "tokens[4].scop is no option of a token; did you mean scope?",
      "tokens[0].token has fewer than 16 characters",
      "tokens[1].token has characters that a header does not carry unharmed: printable ASCII without spaces is needed",
      "tokens[3].token is also another's",
      'allowedHosts[0] is "https://ops.example.com"; it is a host name, with or without a port',
      "allowedHosts[1] is 5; it is a host name, with or without a port",
      'allowedOrigins[0] is "ops.example.com"; it is a scheme and a host, such as https://ops.example.com',
      'allowedOrigins[1] is "https://a.example/path"; it is a scheme and a host, such as https://ops.example.com',
      'allowedOrigins[2] is "*"; it is a scheme and a host, such as https://ops.example.com',
      'prefix is "sora/"; it is a path such as /sora',
      "limits.size is -1; it is an integer, 0 or more",
      "limits.dept is no option of a body's limits; did you mean depth?",
      "timeouts.headers is NaN; it is an integer from 1 to 2147483647",
      "timeouts.request is 2147483648; it is an integer from 1 to 2147483647",
      "streams is 1.5; it is an integer, 0 or more",
    ]);
    expect(JSON.stringify(error) + error.message).not.toMatch(/secret|0123456789/);
  });

  test.each([
    [null, "its options are null; they are an object"],
    [5, "its options are 5; they are an object"],
    [[{ port: 1 }], "its options are a list; they are an object"],
    [{ port: "80" }, 'port is "80"; it is an integer from 0 to 65535'],
    [{ address: 5 }, "address is 5; it is a string that is not empty"],
    [{ tokens: "0123456789abcdef-secret" }, "tokens is no list; it is a list of objects with token and scope"],
    [{ limits: 5 }, "limits is 5; it is an object"],
    [{ timeouts: null }, "timeouts is null; it is an object"],
    [{ allowedHosts: "ops.example.com" }, 'allowedHosts is "ops.example.com"; it is a list of host names'],
  ])("refuses %j", async (options, problem) => {
    await expect(resolve(options as WebOptions)).rejects.toMatchObject({ code: "SORA_OPTION_INVALID", details: { problems: [problem] } });
  });

  test("lists everything that is wrong with what the configuration says, by its keys, and shows no token", async () => {
    const Web = {
      Tokens: { ci: { Token: `${token} `, Scope: "operate" }, a: { Token: token, Scope: "read" }, b: { Token: token }, c: { Scope: "read" } },
      AllowedHosts: ["https://ops.example.com"],
      AllowedOrigins: "*",
    };
    const wrong = resolve({}, { configuration: { Sora: { Web } }, variables: { PORT: "70000" } });
    const error = (await wrong.catch((thrown: unknown) => thrown)) as { code: string; message: string; details: { problems: string[] } };
    expect(error).toMatchObject({ code: "SORA_CONFIGURATION_INVALID" });
    expect(error.details.problems).toEqual([
      "the variable PORT is 70000; it is an integer from 0 to 65535",
      "Sora:Web:Tokens:b:Scope is missing; it is one of read, operate, admin",
      "Sora:Web:Tokens:c:Token is missing",
      "Sora:Web:Tokens:ci:Token has characters that a header does not carry unharmed: printable ASCII without spaces is needed",
      "Sora:Web:Tokens:b:Token is also another's",
      'Sora:Web:AllowedHosts[0] is "https://ops.example.com"; it is a host name, with or without a port',
      'Sora:Web:AllowedOrigins[0] is "*"; it is a scheme and a host, such as https://ops.example.com',
    ]);
    expect(JSON.stringify(error) + error.message).not.toContain(token);
    expect(await resolve({ port: 0, tokens: [], allowedHosts: [], allowedOrigins: [] }, { configuration: { Sora: { Web } } })).toMatchObject({ tokens: [] });
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

test("createSoraWeb and serveSora refuse options that are none, before they listen", async () => {
  await using host = await createTestHost();
  const refused = { code: "SORA_OPTION_INVALID", details: { problems: ["prot is no option of the control plane; did you mean port?"] } };
  expect(() => createSoraWeb(host, { prot: 0 } as object)).toThrow(expect.objectContaining(refused));
  await expect(serveSora(host, { prot: 0 } as object)).rejects.toMatchObject(refused);
});

test.each([undefined, null, {}, Promise.resolve()])("createSoraWeb and serveSora refuse %o in the place of a host", async host => {
  const refused = { code: "SORA_OPTION_INVALID", message: expect.stringMatching(/^Cannot control .+: it is no host\.$/) as string };
  expect(() => createSoraWeb(host as never)).toThrow(expect.objectContaining(refused));
  await expect(serveSora(host as never)).rejects.toMatchObject(refused);
});

test("createSoraWeb refuses in Production without a token", async () => {
  await using host = await createTestHost({ environment: "Production" });
  expect(() => createSoraWeb(host)).toThrow(expect.objectContaining({ code: "SORA_CONFIGURATION_INVALID" }));
});
