import { storeModel } from "@sora/core/testing";
import { afterAll, describe, test } from "vitest";
import { noServer, whySkipped } from "./fixtures/test-server.ts";
import { TestSchemas } from "./fixtures/test-schemas.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";

describe.skipIf(noServer)(`createPostgresStore${whySkipped}`, () => {
  const schemas = new TestSchemas();
  afterAll(() => schemas[Symbol.asyncDispose]());

  test.for([storeModel({ create: () => schemas.takeOpen(), sequences: nightly ? 100_000 : 200, atOnce: 4 })])(
    "$title",
    { timeout: nightly ? 3_600_000 : 120_000 },
    async ({ run: assertKept }) => {
      await assertKept();
    },
  );
});
