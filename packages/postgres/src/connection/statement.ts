/** A statement whose text is always the same is prepared under its name, once for each connection. One without a name is planned anew each time, for the values it has then. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
}
