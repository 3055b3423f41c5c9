import { describe, expect, test } from "vitest";
import { mergeSections } from "./configuration-node.ts";
import { readEnvironmentLayer } from "./environment-layer.ts";
import { readFileLayer } from "./file-layer.ts";
import { readObjectLayer } from "./object-layer.ts";
import { describeServiceConfiguration, serviceConfiguration, serviceConfigurationPath } from "./service-configuration.ts";

const from = (object: object) => readObjectLayer(object, { locate: () => ({ source: "host options" }) });
const services = (entries: object) => from({ Sora: { BackgroundServices: { Services: entries } } });

describe("serviceConfigurationPath", () => {
  test("is the service's place under Services, or the section its definition names", () => {
    expect(serviceConfigurationPath("A")).toBe("Sora:BackgroundServices:Services:A");
    expect(serviceConfigurationPath("A", "Jobs:A")).toBe("Jobs:A");
  });
});

describe("serviceConfiguration", () => {
  test("gives what is set, in any case, and leaves the rest absent", () => {
    const configured = serviceConfiguration(services({ cleanup: { enabled: false, INTERVALSECONDS: 5, Settings: { Days: 3 } } }), "Cleanup");
    expect(configured).toStrictEqual({ enabled: false, intervalSeconds: 5, settings: { Days: 3 } });
    expect(Object.isFrozen(configured) && Object.isFrozen(configured.settings)).toBe(true);
  });

  test("gives every service of which nothing is configured the same frozen object", () => {
    const empty = serviceConfiguration(from({}), "A");
    expect(empty).toStrictEqual({ settings: {} });
    expect(Object.isFrozen(empty) && Object.isFrozen(empty.settings)).toBe(true);
    expect(serviceConfiguration(services({ B: { Enabled: true } }), "A")).toBe(empty);
    expect(serviceConfiguration(services({ A: {} }), "A")).toBe(empty);
    expect(serviceConfiguration(services({ A: 5 }), "A")).toBe(empty);
    expect(serviceConfiguration(from({ Sora: 1 }), "A", "Jobs:A")).toBe(empty);
    expect(serviceConfiguration(services({ A: { Settings: null } }), "A").settings).toBe(empty.settings);
  });

  test("reads the section a definition names in place of the usual one", () => {
    const configuration = from({ Jobs: { A: { Priority: 7 } }, Sora: { BackgroundServices: { Services: { A: { Priority: 1, Enabled: false } } } } });
    expect(serviceConfiguration(configuration, "A", "jobs:a")).toStrictEqual({ priority: 7, settings: {} });
  });

  test("takes null and what breaks its rule as absent", () => {
    expect(serviceConfiguration(services({ A: { IntervalSeconds: null, StartupOrder: 1.5, Priority: 2 } }), "A")).toStrictEqual({ priority: 2, settings: {} });
  });
});

describe("describeServiceConfiguration", () => {
  test("gives each value in effect with its source, from configuration, decorator or default", () => {
    const text = '{ "Sora": { "BackgroundServices": { "Services": {\n "A": { "Priority": 5,\n "Settings": { "Size": 1, "Limits": { "Cpu": 80 } } } } } } }';
    const file = readFileLayer("/app/appsettings.Production.json", { kind: "text", text }).tree;
    const { tree } = readEnvironmentLayer({
      sora__BackgroundServices__Services__A__IntervalSeconds: "60",
      Sora__BackgroundServices__Services__A__Settings__Size: "2",
    });
    const layers = { decorator: { intervalSeconds: 3600, startupOrder: 1 }, defaults: { enabled: true, priority: 100, intervalSeconds: 60 } };
    expect(describeServiceConfiguration({ tree: mergeSections(file, tree) }, "A", undefined, layers)).toEqual({
      configuration: {
        Enabled: { value: true, source: "default" },
        IntervalSeconds: { value: 60, source: "environment variable sora__BackgroundServices__Services__A__IntervalSeconds" },
        StartupOrder: { value: 1, source: "decorator" },
        Priority: { value: 5, source: "appsettings.Production.json:2" },
      },
      settings: {
        Size: { value: 2, source: "environment variable Sora__BackgroundServices__Services__A__Settings__Size" },
        "Limits:Cpu": { value: 80, source: "appsettings.Production.json:3" },
      },
    });
  });

  test("shows no secret, whatever part of the key says that it is one", () => {
    const Settings = { ApiKey: "s1", Credentials: { User: "s2", Deep: { x: "s3" } }, Url: "postgres://u:s4@h/db", List: [{ password: "s5" }] };
    const { settings } = describeServiceConfiguration(services({ A: { Settings } }), "A");
    expect(JSON.stringify(settings)).not.toMatch(/s\d/);
    expect(settings["Url"]?.value).toBe("postgres://***@h/db");
    expect(Object.keys(settings)).toEqual(["ApiKey", "Credentials:User", "Credentials:Deep:x", "Url", "List"]);
  });

  test("leaves out what nothing says", () => {
    expect(describeServiceConfiguration(from({}), "A", "Jobs:A")).toEqual({ configuration: {}, settings: {} });
  });
});
