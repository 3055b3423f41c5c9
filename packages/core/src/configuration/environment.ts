/** The variables a process was started with, as `process.env` holds them. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** The options by which a service says where it runs. */
export type RunOption = "runInDevelopment" | "runInProduction" | "runInTesting";

const knownEnvironments = ["Development", "Testing", "Production"];

/**
 * The name of the environment: `given`, else `SORA_ENVIRONMENT`, else what `NODE_ENV` says (`production` is Production,
 * `test` is Testing), else Development. The three known names are returned in their own spelling whatever the case they
 * came in; any other name is returned as it is. Blank values count as absent.
 */
export function resolveEnvironment(env: EnvironmentVariables, given?: string): string {
  const named = given?.trim() || env["SORA_ENVIRONMENT"]?.trim();
  if (named) return knownEnvironments.find(known => known.toLowerCase() === named.toLowerCase()) ?? named;
  const node = env["NODE_ENV"]?.trim().toLowerCase();
  return node === "production" ? "Production" : node === "test" ? "Testing" : "Development";
}

/** Which option says whether a service runs in `environment`. One that is not among the three known counts as Production. */
export function runOption(environment: string): RunOption {
  const name = environment.toLowerCase();
  if (name === "development") return "runInDevelopment";
  return name === "testing" ? "runInTesting" : "runInProduction";
}
