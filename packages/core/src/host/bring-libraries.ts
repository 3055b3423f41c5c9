import { jsoncParser } from "../configuration/json-document.ts";
import { pino } from "../logging/pino-logger.ts";
import { croner } from "../schedule/cron.ts";

/** Where the package's own files lie, installed or in the repository. A bundle lies elsewhere. */
const ownPlace = /\/(?:@sora|packages)\/core\//;

/** In a program that a bundler has put into one file, the libraries that are in it; nothing to wait for in any other, which a look at the address tells without the file system. */
export function bringLibraries(): Promise<unknown> | undefined {
  return ownPlace.test(import.meta.url) ? undefined : Promise.all([croner.bring(), jsoncParser.bring(), pino.bring()]);
}
