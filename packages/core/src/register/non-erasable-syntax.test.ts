import { describe, expect, test } from "vitest";
import { nonErasableSyntax } from "./non-erasable-syntax.ts";

describe("nonErasableSyntax", () => {
  test.each([
    ["a decorator on a class", "@SoraBackgroundService()\nexport class A {}", "decorator"],
    ["a decorator after export", "export @Service class A {}", "decorator"],
    ["a decorator behind a comment", "/** Runs. */ @Service class A {}", "decorator"],
    ["a decorator on a member of one line", "class A { @ServiceAction() run() {} }", "decorator"],
    ["a decorator on a private member", "class A {\n  @logged #run() {}\n}", "decorator"],
    ["a decorator of a computed expression", "@(decorators.first) class A {}", "decorator"],
    ["a decorator on a class expression", "const A = @Service class {};", "decorator"],
    ["a decorator behind text in quotes", "const name = 'a'; @Service(`b`) class A {}", "decorator"],
    ["a decorator below text with an apostrophe", 'const name = "it\'s";\n@Service class A {}', "decorator"],
    ["a decorator below one in quotes", "const name = 'add @Service';\n@Service class A {}", "decorator"],
    ["a decorator behind patterns of files", 'const files = ["a/**/*.ts", "b/*"]; @Service class A {}', "decorator"],
    ["a decorator behind an apostrophe in a string", `class A { label = "it's"; @Service run() {} }`, "decorator"],
    ["a decorator within a call with an apostrophe", `test("doesn't fail", () => { @Service class A {} })`, "decorator"],
    ["a decorator behind an escaped quote", "const a = 'it\\'s'; @Service class A {}", "decorator"],
    ["a decorator behind an expression with a quote", "const quote = /'/; @Service class A {}", "decorator"],
    ["a decorator behind an element with an apostrophe", "const p = <p>it's</p>; @Service class A {}", "decorator"],
    ["a decorator behind the end of a longer comment", "run(); /* a\n it's */ @Service class A {}", "decorator"],
    ["a decorator between strings that look like a comment", 'class A { a = "x/*"; @Service run() {} b = "y*/"; }', "decorator"],
    ["an accessor behind an apostrophe in a string", `class A { label = "don't"; accessor name = 1 }`, "accessor"],
    ["an accessor whose name is a string", 'class A { accessor "a b" = 1 }', "accessor"],
    ["an enum behind the end of a longer template", "const a = `\nx`; enum Colour { Red }", "enum"],
    ["an enum behind a type with an apostrophe", `type T = "it's"; enum Colour { Red }`, "enum"],
    ["a parameter property between strings that look like a comment", 'class A { constructor(a = "(/*", private b = "*/") {} }', "parameter property"],
    ["an accessor", "class A {\n  accessor name = 1;\n}", "accessor"],
    ["a private accessor", "class A { static accessor #name = 1 }", "accessor"],
    ["an enum", "export enum Colour { Red }", "enum"],
    ["a const enum", "const enum Colour\n{ Red }", "enum"],
    ["a namespace", "export namespace Colours { export const red = 1; }", "namespace"],
    ["a parameter property", "class A { constructor(private readonly name: string) {} }", "parameter property"],
    ["a parameter property behind a default with braces", "class A { constructor(options = { a: 1 }, readonly name = f()) {} }", "parameter property"],
    ["a parameter property behind a comment", "class A {\n  constructor(\n    /** Its name. */\n    public name: string,\n  ) {}\n}", "parameter property"],
  ])("finds %s", (_, source, kind) => {
    expect(nonErasableSyntax(source)).toBe(kind);
  });

  test.each([
    ["types and interfaces", "interface A { readonly name: string }\nexport const a: A = { name: 'x' };"],
    ["a doc comment with tags", "/**\n * @param a a thing\n * @throws never\n */\nexport function f(a: number): void {}"],
    ["a commented decorator", "  // @Service\n/* @Service */\nclass A {}"],
    ["a scoped package", 'import { defineService } from "@sora/core";'],
    ["an address", 'const to = "ann@example.org";'],
    ["a decorator named in text", "fail(`${name} lacks @Service, or an enum Colour { Red }`); log(\"two @ServiceAction; keep one\"); // '@Old'"],
    ["a comment within a line", "await import(/* @vite-ignore */ name);"],
    ["a key with a version", "const key = `${service}/${action}@${version}`;"],
    ["a field after the constructor", "class A { constructor(items: readonly string[]) {} private readonly name = 1; }"],
    ["a property called enum or accessor", "const a = { enum: 1, accessor: 2, namespace: 3 }; a.enum; a.accessor;"],
  ])("passes over %s", (_, source) => {
    expect(nonErasableSyntax(source)).toBeUndefined();
  });
});
