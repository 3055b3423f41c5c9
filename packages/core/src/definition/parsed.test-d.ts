import { expectTypeOf } from "vitest";
import * as z from "zod";
import type { ActionContext } from "../actions/action-context.ts";
import type { CallArguments } from "../fluent/shape-of.ts";
import type { Parsed } from "./schema.ts";

const Plain = z.object({ to: z.string().default("en") });
const Optional = Plain.prefault({});

expectTypeOf<CallArguments<[Parsed<typeof Plain>, ActionContext]>>().toEqualTypeOf<[parameters: { to?: string | undefined }]>();
expectTypeOf<CallArguments<[Parsed<typeof Optional>, ActionContext]>>().toEqualTypeOf<[parameters?: { to?: string | undefined } | undefined]>();
expectTypeOf<CallArguments<[{ to: string }, ActionContext]>>().toEqualTypeOf<[parameters: { to: string }]>();
expectTypeOf<CallArguments<[ActionContext]>>().toEqualTypeOf<[]>();
