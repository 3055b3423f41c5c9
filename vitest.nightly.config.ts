import usual from "./vitest.config.ts";

process.env["SORA_NIGHTLY"] = "1"; // read when Vitest calls the configuration, and by the tests, whose processes inherit it

export default usual;
