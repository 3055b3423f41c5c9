/** The limits of the core, as far as flags know them; kept here, since the core would take longer to load than a command to run. */
export const storedLimits: { readonly priority: number; readonly attempts: number; readonly page: number; readonly usualPage: number } = Object.freeze({
  priority: 1_000_000,
  attempts: 1_000_000,
  page: 1_000,
  usualPage: 100,
});
