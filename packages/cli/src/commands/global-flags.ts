/** What stands before and after every command. */
export interface GlobalFlags {
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}
