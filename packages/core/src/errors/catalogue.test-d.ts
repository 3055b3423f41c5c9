import { expectTypeOf } from "vitest";
import type { ErrorCatalogueEntry, errorCatalogue, SoraErrorCode } from "./catalogue.ts";

expectTypeOf<typeof errorCatalogue>().toExtend<Readonly<Record<string, ErrorCatalogueEntry>>>();
expectTypeOf<"SORA_ACTION_TIMEOUT">().toExtend<SoraErrorCode>();
expectTypeOf<"SORA_NO_SUCH_CODE">().not.toExtend<SoraErrorCode>();
