/** Why a request is not carried out, with the status that says so over HTTP. */
export class HttpRefusal extends Error {
  readonly status: 400 | 405 | 413 | 415;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: HttpRefusal["status"], message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
