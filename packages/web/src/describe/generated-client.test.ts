import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import createClient from "openapi-fetch";
import { generate } from "openapi-typescript-codegen";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { defineService } from "@sora/core";
import { createTestHost } from "@sora/core/testing";
import type { TestHost } from "@sora/core/testing";
import { serveSora } from "@sora/web";
import type { SoraWebServer } from "@sora/web";

const token = "operate-0123456789abcdef";
const Sums = defineService("Sums", {
  actions: {
    addUp: {
      parameters: z.object({ numbers: z.array(z.number()), label: z.string().optional() }),
      run: async ({ numbers, label }, { correlationId }) => ({ sum: numbers.reduce((a, b) => a + b, 0), label, correlationId }),
    },
  },
});

let host: TestHost;
let web: SoraWebServer;
let folder: string;
beforeAll(async () => {
  host = await createTestHost({ services: [Sums] });
  web = await serveSora(host, { port: 0, tokens: [{ name: "tests", token, scope: "operate" }] });
  folder = await mkdtemp(join(tmpdir(), "sora-client-"));
});
afterAll(async () => {
  await web.close(100);
  await host.stop();
  await rm(folder, { recursive: true });
});

/** What the generator makes of the host's own document, as a module. */
async function generatedClient(): Promise<any> {
  const document = (await (await fetch(`${web.url}/openapi.json`, { headers: { authorization: `Bearer ${token}` } })).json()) as Record<string, unknown>;
  await generate({ input: document, output: join(folder, "client"), httpClient: "fetch", useOptions: true, clientName: "SoraClient" });
  const outfile = join(folder, "client.mjs");
  await build({ entryPoints: [join(folder, "client/index.ts")], outfile, bundle: true, format: "esm", platform: "node", logLevel: "error" });
  return import(/* @vite-ignore */ pathToFileURL(outfile).href);
}

describe("the OpenAPI document", () => {
  test("drives a client that an existing generator makes of it: actions, queries, lifecycle, errors", async () => {
    const { SoraClient, ApiError } = await generatedClient();
    const client = new SoraClient({ BASE: web.url, TOKEN: token });
    expect(await client.sums.sumsAddUp({ requestBody: { numbers: [1, 2, 3] }, xCorrelationId: "from-the-client" })).toEqual({
      result: { sum: 6, correlationId: "from-the-client" },
      correlationId: "from-the-client",
    });
    expect(await client.host.getServiceStatus({ service: "sums" })).toMatchObject({ name: "Sums", state: "running" });
    expect(await client.host.listServices()).toMatchObject([{ name: "Sums" }]);
    const refused = await client.sums.sumsAddUp({ requestBody: { numbers: ["one"] } }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiError);
    expect(refused).toMatchObject({ status: 400, body: { code: "SORA_PARAMETERS_INVALID", errors: [{ pointer: "/numbers/0" }] } });
    expect(await client.host.restartService({ service: "Sums" }).catch((error: unknown) => error)).toMatchObject({
      status: 403,
      body: { code: "SORA_SCOPE_REQUIRED" },
    });
  });

  test("says what openapi-fetch needs to know: paths, parameters, bodies", async () => {
    const client = createClient<any>({ baseUrl: web.url, headers: { authorization: `Bearer ${token}` } });
    const called = await client.POST("/api/services/Sums/actions/add-up", { body: { numbers: [4, 5] }, params: { header: { Prefer: "respond-async" } } });
    expect(called.response.status).toBe(202);
    const { id } = called.data as { readonly id: string };
    await host.clock.settle();
    expect((await client.GET("/api/actions/{id}", { params: { path: { id } } })).data).toMatchObject({ state: "completed", result: { sum: 9 } });
    expect((await client.GET("/api/services/{service}/status", { params: { path: { service: "None" } } })).error).toMatchObject({
      code: "SORA_SERVICE_UNKNOWN",
    });
  });
});
