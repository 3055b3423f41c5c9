/** What `work` rejects with. It is caught at once, so that a test may move its clock first and look later. @throws Error where it resolves. */
export async function rejection(work: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await work;
  } catch (error) {
    return error;
  }
  throw new Error(`It did not reject, but resolved with ${String(value)}.`);
}
