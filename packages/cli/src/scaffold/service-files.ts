import type { ServiceNames } from "./service-names.ts";

export interface ServiceShape {
  readonly style: "function" | "class";
  /** How often it runs; absent for a service that waits to be called. */
  readonly every: string | undefined;
}

/** The name of the template that a service begins as. */
export function serviceTemplate({ style, every }: ServiceShape): string {
  return `service/${style}${every === undefined ? "" : "-periodic"}`;
}

/** A template's files with the new service's names in place of the example's. */
export function serviceFiles(
  template: ReadonlyMap<string, string>,
  { name, variable, subject, file }: ServiceNames,
  every: string | undefined,
): ReadonlyMap<string, string> {
  const rename = (text: string): string => {
    const interval = every === undefined ? text : text.replaceAll('"1h"', JSON.stringify(every));
    return interval
      .replaceAll("./example.service", `./${file}.service`)
      .replaceAll("ExampleFinished", `${subject}Finished`)
      .replaceAll("Example", name)
      .replaceAll("example", variable);
  };
  return new Map(Array.from(template, ([path, text]) => [path.replace("example", file), rename(text)]));
}
