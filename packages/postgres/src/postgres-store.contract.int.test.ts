import { storeContract } from "@sora/core/testing";
import { afterAll, describe, test } from "vitest";
import { noServer, whySkipped } from "./fixtures/test-server.ts";
import { TestSchemas } from "./fixtures/test-schemas.ts";

describe.skipIf(noServer)(`createPostgresStore${whySkipped}`, () => {
  const schemas = new TestSchemas();
  afterAll(() => schemas[Symbol.asyncDispose]());

  test.concurrent.for(storeContract({ create: () => schemas.take() }))("$title", async ({ run: assertKept, skip }, { skip: leave }) => {
    leave(skip !== undefined, skip);
    await assertKept();
  });
});
