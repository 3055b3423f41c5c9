import { expectTypeOf } from "vitest";
import type { kebabCaseExamples } from "./fixtures/kebab-case-examples.ts";
import type { KebabCase } from "./names.ts";

type Examples = typeof kebabCaseExamples;

// The type says of every example what the function says.
expectTypeOf<{ readonly [K in keyof Examples]: KebabCase<K> }>().toEqualTypeOf<Examples>();

// A name that is not known when it is compiled stays a string; of several, each is changed.
expectTypeOf<KebabCase<string>>().toEqualTypeOf<string>();
expectTypeOf<KebabCase<"checkQueue" | "parseURL">>().toEqualTypeOf<"check-queue" | "parse-url">();
