import { CliError } from "../cli-error.ts";

/** What a new service is called, in the places where it is. */
export interface ServiceNames {
  /** The service, and its class: `ImageResizeService`. */
  readonly name: string;
  /** What defineService returns: `imageResizeService`. */
  readonly variable: string;
  /** Without a final "Service", for its events: `ImageResize`. */
  readonly subject: string;
  /** Its file, without what follows the first dot: `image-resize`. */
  readonly file: string;
}

/** Reads a name written in any habit: `ImageResize`, `imageResize`, `image-resize`, `image_resize`. @throws CliError of usage for what cannot be one. */
export function serviceNames(given: string): ServiceNames {
  const words = given.split(/[-_ ]+/).filter(word => word !== "");
  const name = words.map(word => word[0]!.toUpperCase() + word.slice(1)).join("");
  if (!/^[A-Z][A-Za-z0-9]{0,63}$/.test(name))
    throw new CliError(
      "SORA_CLI_USAGE",
      `A service cannot be called ${JSON.stringify(given.slice(0, 80))}: a name is letters and digits, begins with a letter, and has 64 at most.`,
      { fix: "Write it as ImageResize or image-resize." },
    );
  const subject = name.replace(/(?<=.)Service$/, "");
  const file = subject.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "-").toLowerCase();
  const start = /^(?:[A-Z]+(?=[A-Z][a-z])|[A-Z]+(?![a-z])|[A-Z])/.exec(name)![0];
  const variable = start.toLowerCase() + name.slice(start.length);
  return { name, variable: reserved.has(variable) ? `${variable}Service` : variable, subject, file };
}

/** Words that cannot name a constant, and those the templates use. */
const reserved = new Set(
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield test expect host z".split(
    " ",
  ),
);
