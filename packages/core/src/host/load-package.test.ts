import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadPackage } from "./load-package.ts";

const folder = mkdtempSync(join(tmpdir(), "sora-load-package-"));
afterAll(() => rmSync(folder, { recursive: true }));

function install(name: string, source: string): void {
  const place = join(folder, "node_modules", name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ name, type: "module", exports: { ".": { types: "./index.d.ts", default: "./index.js" } } }));
  writeFileSync(join(place, "index.js"), source);
}

describe("loadPackage", () => {
  test("loads what is installed beside this package", async () => {
    expect(await loadPackage("croner", "plan", folder)).toHaveProperty("Cron");
  });

  test("finds a package that is installed for the program alone", async () => {
    install("@sora-test/beside", "export const here = 1;");
    expect(await loadPackage("@sora-test/beside", "test", folder)).toMatchObject({ here: 1 });
  });

  test("names the command that installs a package which is not there", async () => {
    await expect(loadPackage("@sora-test/no-such", "serve the control plane", folder)).rejects.toMatchObject({
      code: "SORA_PACKAGE_MISSING",
      message: "Cannot serve the control plane: the package @sora-test/no-such is not installed.",
      fix: "npm install @sora-test/no-such",
    });
  });

  test("leaves alone what a package that is there fails with", async () => {
    install("@sora-test/broken", 'import "@sora-test/something-else";');
    await expect(loadPackage("@sora-test/broken", "test", folder)).rejects.not.toMatchObject({ code: "SORA_PACKAGE_MISSING" });
  });
});
