import { describe, expect, test } from "vitest";
import { Router } from "./router.ts";
import type { Route } from "./route.ts";

const route = (method: Route["method"], path: string): Route => ({
  method,
  path,
  scope: "read",
  summary: path,
  handle: () => ({ kind: "json", status: 200, body: null }),
});
const router = new Router([
  route("GET", "/"),
  route("GET", "/api/services"),
  route("GET", "/api/services/:service/status"),
  route("POST", "/api/services/:service/actions/:action"),
  route("GET", "/a/:x"),
  route("POST", "/a/:y"),
]);
const anyText = new Router([{ ...route("GET", "/any/:x"), anyText: true }, { ...route("POST", "/any/:x/act"), anyText: true }, route("GET", "/any")]);
const where = (method: string, path: string): unknown => {
  const match = router.match(method, path);
  return match.kind === "route" ? [match.route.path, match.parameters] : match.kind === "none" ? "none" : match.allowed;
};

describe("Router", () => {
  test("finds routes by method and path, and takes HEAD for GET", () => {
    expect(where("GET", "/")).toEqual(["/", {}]);
    expect(where("GET", "/api/services")).toEqual(["/api/services", {}]);
    expect(where("HEAD", "/api/services/Math/status")).toEqual(["/api/services/:service/status", { service: "Math" }]);
    expect(where("POST", "/api/services/Math/actions/add")).toEqual(["/api/services/:service/actions/:action", { service: "Math", action: "add" }]);
    expect(where("GET", "/a/1")).toEqual(["/a/:x", { x: "1" }]);
    expect(where("POST", "/a/1")).toEqual(["/a/:y", { y: "1" }]);
  });

  test("says what a path does take", () => {
    expect(where("POST", "/api/services")).toEqual(["GET", "HEAD"]);
    expect(where("HEAD", "/api/services/x/actions/y")).toEqual(["POST"]);
    expect(where("get", "/")).toEqual(["GET", "HEAD"]);
  });

  test("takes separators in what varies only where that is any text, and never what goes up or is no character", () => {
    const text = (path: string, method = "GET"): unknown => {
      const match = anyText.match(method, path);
      return match.kind === "route" ? match.parameters["x"] : match.kind;
    };
    expect(text("/any/a%2Fb")).toBe("a/b");
    expect(text("/any/a%5cb%2f..")).toBe("a\\b/..");
    expect(text("/any/a%2Fact/act", "POST")).toBe("a/act");
    for (const path of ["/any/a/b", "/any/%2e%2e", "/any/..", "/any/", "/any/a%00", "/any/a%0d", "/any/%", "/any%2Fa"])
      expect([path, text(path)]).toEqual([path, "none"]);
    expect(where("GET", "/a/b%2Fc")).toBe("none");
  });

  test("decodes what varies, once", () => {
    expect(where("GET", "/a/b%20c%C3%A4")).toEqual(["/a/:x", { x: "b cä" }]);
    expect(where("GET", "/a/%2541")).toEqual(["/a/:x", { x: "%41" }]);
    expect(where("GET", "/a/__proto__")).toEqual(["/a/:x", { x: "__proto__" }]);
  });

  test.each([
    "",
    "*",
    "api/services",
    "http://127.0.0.1/api/services",
    "//",
    "/api",
    "/api/",
    "/api/services/",
    "//api/services",
    "/api//services",
    "/API/services",
    "/api%2fservices",
    "/api/services%00",
    "/%61pi/services",
    "/a",
    "/a/",
    "/a/.",
    "/a/..",
    "/a/%2e",
    "/a/%2E%2e",
    "/a/b%2fc",
    "/a/b%5cc",
    "/a/b\\c",
    "/a/%00",
    "/a/%0a",
    "/a/%7f",
    "/a/%zz",
    "/a/%ff",
    "/a/b/c",
    `/a/${"x".repeat(3_000)}`,
  ])("leads %j nowhere", path => {
    expect(where("GET", path)).toBe("none");
  });

  test("refuses a table with two routes for one thing", () => {
    expect(() => new Router([route("GET", "/a/:x"), route("GET", "/a/:y")])).toThrow("two routes");
  });
});
