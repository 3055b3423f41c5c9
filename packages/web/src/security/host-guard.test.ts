import { describe, expect, test } from "vitest";
import { HostGuard, hostNameOf, isLoopback } from "./host-guard.ts";
import type { Exchange } from "../routing/exchange.ts";

const guard = new HostGuard(["Ops.example.com", "10.0.0.7:80", "[fd00::1]"]);
const status = (hosts: readonly string[], localAddress?: string): number => {
  try {
    guard.check({ headers: () => hosts, localAddress } as unknown as Exchange);
    return 200;
  } catch (error) {
    return (error as { status: number }).status;
  }
};

describe("HostGuard", () => {
  test.each([
    "localhost",
    "LOCALHOST:4310",
    "127.0.0.1",
    "127.0.0.1:1",
    "[::1]",
    "[::1]:4310",
    "ops.example.com",
    "OPS.EXAMPLE.COM:443",
    "10.0.0.7:4310",
    "[FD00::1]:80",
  ])("lets %j through", host => {
    expect(status([host])).toBe(200);
    expect(status([host])).toBe(200);
  });

  test.each([
    "evil.example",
    "localhost.evil.example",
    "evil.localhost",
    "localhost.",
    "127.0.0.1.nip.io",
    "0.0.0.0",
    "0",
    "2130706433",
    "127.1",
    "[::]",
    "[::ffff:127.0.0.1]",
    "ops.example.com.evil.example",
    "example.com",
  ])("refuses %j with 421", host => {
    expect(status([host])).toBe(421);
  });

  test.each([
    [[]],
    [["localhost", "localhost"]],
    [["localhost", "evil.example"]],
    [[""]],
    [[" "]],
    [["local host"]],
    [["localhost:"]],
    [["localhost:99999"]],
    [["localhost:abc"]],
    [["localhost:80:80"]],
    [["user@localhost"]],
    [["localhost/"]],
    [["localhost,evil.example"]],
    [["[::1"]],
    [["::1"]],
    [["[::1]x"]],
    [["http://localhost"]],
    [["localhost\t"]],
    [["löcalhost"]],
    [["x".repeat(300)]],
  ])("refuses %j with 400", hosts => {
    expect(status(hosts)).toBe(400);
  });

  test("lets the very address through that the request came to", () => {
    expect([
      status(["192.168.1.5:4310"], "192.168.1.5"),
      status(["192.168.1.5"], "::ffff:192.168.1.5"),
      status(["[fe80::1]"], "fe80::1"),
      status(["192.168.1.6"], "192.168.1.5"),
    ]).toEqual([200, 200, 200, 421]);
  });

  test("does not take what it let through for anything else", () => {
    expect([status(["localhost"]), status(["evil.example"]), status(["localhost", "localhost"])]).toEqual([200, 421, 400]);
  });
});

test("hostNameOf reads the name, and nothing that is none", () => {
  expect([hostNameOf("A.b:80"), hostNameOf("[::1]:80"), hostNameOf("a b"), hostNameOf("https://a")]).toEqual(["a.b", "[::1]", undefined, undefined]);
});

test("isLoopback knows every spelling of this machine, and no other's", () => {
  expect(["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"].every(isLoopback)).toBe(true);
  expect(["0.0.0.0", "::", "128.0.0.1", "127.0.0.1.evil.example", "1270.0.0.1", "", "localhost.evil.example", "::ffff:10.0.0.1"].some(isLoopback)).toBe(false);
});
