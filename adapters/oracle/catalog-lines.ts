// Knows: what the data dictionary answers with, and what is noted beside it.
// Must not know: its questions, what is made of the answers.

export type Line = readonly (string | undefined)[];
/** Asks with the condition on owners in the place of `$IN`. */
export type Ask = (sql: string) => Promise<readonly Line[]>;

export interface Omitted {
  readonly name: string;
  readonly reason: string;
}
