import { describe, expect, test } from "vitest";
import { serviceNames } from "./service-names.ts";

describe("serviceNames", () => {
  test.each([
    ["ImageResize", "ImageResize", "imageResize", "ImageResize", "image-resize"],
    ["image-resize", "ImageResize", "imageResize", "ImageResize", "image-resize"],
    ["image_resize", "ImageResize", "imageResize", "ImageResize", "image-resize"],
    ["imageResize", "ImageResize", "imageResize", "ImageResize", "image-resize"],
    ["TranslationService", "TranslationService", "translationService", "Translation", "translation"],
    ["Service", "Service", "service", "Service", "service"],
    ["HTTPProbe", "HTTPProbe", "httpProbe", "HTTPProbe", "http-probe"],
    ["URL", "URL", "url", "URL", "url"],
    ["Sync2D", "Sync2D", "sync2D", "Sync2D", "sync2-d"],
    ["A", "A", "a", "A", "a"],
    ["delete", "Delete", "deleteService", "Delete", "delete"],
    ["Host", "Host", "hostService", "Host", "host"],
  ])("%s", (given, name, variable, subject, file) => {
    expect(serviceNames(given)).toEqual({ name, variable, subject, file });
  });

  test.each(["", "-", "1st", "a b!", "Ümlaut", "../x", "a.b", "x".repeat(65), "constructor()"])("refuses %j", given => {
    expect(() => serviceNames(given)).toThrow(/cannot be called/);
  });
});
