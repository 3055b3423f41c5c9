import { afterEach, describe, expect, test } from "vitest";
import { defineService, HealthReport } from "@sora/core";
import { createTestHost } from "@sora/core/testing";
import type { TestHost } from "@sora/core/testing";
import { createSoraWeb } from "@sora/web";
import type { WebOptions } from "@sora/web";
import { WebApp } from "../web-app.ts";

const Nightly = defineService("Nightly", { every: "1h", execute: async () => {} });
const Broken = defineService("Broken", {
  restart: false,
  execute: async () => {
    throw new Error(`<script>alert("x")</script> password=canary`);
  },
});
const Ill = defineService("Ill", { check: () => HealthReport.degraded("The <disk> is almost full") });

const hosts: TestHost[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop();
});

async function page(
  options: WebOptions = {},
  headers: Readonly<Record<string, string>> = { accept: "text/html,*/*" },
  path = "/",
): Promise<{ readonly response: Response; readonly text: string; readonly host: TestHost }> {
  const host = await createTestHost({ services: [Nightly, Broken, Ill], name: "Host & Co" });
  hosts.push(host);
  await host.clock.settle();
  const response = await createSoraWeb(host, options).fetch(new Request(`http://localhost${path}`, { headers }));
  return { response, text: await response.text(), host };
}

/** Texts of the cells of the row whose header is `name`. */
function row(text: string, name: string): string[] {
  const [found = ""] = new RegExp(`<tr><th scope="row">${name} <.*?</tr>`, "s").exec(text) ?? [];
  return Array.from(found.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs), ([, cell]) => (cell as string).replaceAll(/<[^>]*>/g, "").trim());
}

describe("GET /", () => {
  test("shows services with their states in words, health, next runs and last errors", async () => {
    const { response, text } = await page();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(row(text, "Nightly").slice(0, 5)).toEqual(["Nightly periodic", "● running now", "● healthy", "in 1 h", "0"]);
    expect(row(text, "Broken").slice(0, 4)).toEqual(["Broken background", "✕ failed now", expect.stringMatching(/^✕ unhealthy It has failed/) as string, "–"]);
    expect(row(text, "Broken").at(-1)).toBe("now: Error: &lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; password=***");
    expect(row(text, "Ill")[2]).toBe("▲ degraded The &lt;disk&gt; is almost full");
    expect(text).toContain("<h1>Host &amp; Co</h1>");
    expect(text).not.toContain("canary");
  });

  test("lists every route of the table and leads to the contracts", async () => {
    const { text, host } = await page();
    for (const { path, summary } of new WebApp(host).routes) {
      expect(text).toContain(`<code>${path.replaceAll(/:(\w+)/g, "{$1}")}</code>`);
      expect(text).toContain(`<td class="long">${summary.replaceAll("'", "&#39;")}</td>`);
    }
    for (const path of ["/openapi.json", "/asyncapi.json", "/metrics", "/health"]) expect(text).toContain(`href="${path}"`);
  });

  test("is built so that everybody can read it: a language, a title, headings in order, tables with captions and scopes, no colour alone, nothing that moves", async () => {
    const { text } = await page();
    expect(text).toContain('<html lang="en">');
    expect(text).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(/<title>(.*)<\/title>/.exec(text)?.[1]).toBe("Host &amp; Co: degraded");
    expect(Array.from(text.matchAll(/<h(\d)/g), ([, level]) => level)).toEqual(["1", "2", "2"]);
    expect(text.match(/<main>/g)).toHaveLength(1);
    const tables = text.match(/<table>.*?<\/table>/gs) ?? [];
    expect(tables).toHaveLength(2);
    for (const table of tables) {
      expect(table).toMatch(/<caption>[^<]+<\/caption>/);
      for (const [cell] of table.matchAll(/<th\b[^>]*>/g)) expect(cell).toMatch(/scope="(?:col|row)"/);
      const columns = table.match(/scope="col"/g)?.length;
      for (const [tableRow] of (table.split("<tbody>")[1] as string).matchAll(/<tr>.*?<\/tr>/gs))
        expect(tableRow.match(/<t[hd][ >]/g)).toHaveLength(columns as number);
    }
    for (const [region] of text.matchAll(/<div class="scroll"[^>]*>/g)) expect(region).toMatch(/role="region" aria-labelledby="\w+" tabindex="0"/);
    for (const [state] of text.matchAll(/<span class="state .*?<\/span> (\w*)<\/span>/g)) expect(state).toMatch(/aria-hidden="true">.<\/span> [a-z]+<\/span>$/);
    expect(text).toContain("prefers-color-scheme: dark");
    expect(text).not.toMatch(/http-equiv|<script|<marquee|animation|transition/i);
  });

  test("lets nothing in but its own style, by a nonce that is new each time", async () => {
    const nonces = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const { response, text } = await page();
      const policy = response.headers.get("content-security-policy") as string;
      const nonce = /<style nonce="([^"]+)">/.exec(text)?.[1] as string;
      nonces.add(nonce);
      expect(nonce.length).toBeGreaterThanOrEqual(22);
      expect(policy).toBe(`default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`);
      expect(text).not.toMatch(/ style=|javascript:| on[a-z]+=/i);
    }
    expect(nonces.size).toBe(3);
  });

  test("leads where it is mounted", async () => {
    const { text } = await page({ prefix: "/sora" }, { accept: "text/html" }, "/sora/");
    expect(text).toContain('href="/sora/openapi.json"');
    expect(text).toContain('<a href="/sora/">Reload</a>');
  });

  test("says in plain words, to a browser, why it cannot be shown where a token is needed", async () => {
    const options = { tokens: [{ name: "ops", token: "read-0123456789abcdef", scope: "read" as const }] };
    const { response, text } = await page(options);
    expect([response.status, response.headers.get("content-type"), response.headers.get("www-authenticate")]).toEqual([
      401,
      "text/html; charset=utf-8",
      'Bearer realm="sora"',
    ]);
    expect(text).toContain("<h1>This page needs a token</h1>");
    expect(text).toContain("A browser cannot send one from its address bar");
    expect(text).toContain("curl -H &quot;Authorization: Bearer $TOKEN&quot; http://localhost/api/services".replaceAll("&quot;", '"'));
    expect(text).not.toContain("Nightly");
    expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'nonce-/);
    const shown = await page(options, { accept: "text/html", authorization: "Bearer read-0123456789abcdef" });
    expect([shown.response.status, shown.text.includes("Nightly")]).toEqual([200, true]);
  });

  test("refuses programs with a problem document", async () => {
    const { response, text } = await page({ tokens: [{ name: "ops", token: "read-0123456789abcdef", scope: "read" }] }, {});
    expect([response.status, response.headers.get("content-type")]).toEqual([401, "application/problem+json"]);
    expect(JSON.parse(text)).toMatchObject({ code: "SORA_TOKEN_REQUIRED" });
  });
});
