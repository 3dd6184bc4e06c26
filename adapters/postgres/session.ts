// Knows: what every session of ours is set to, and the form in which values come.
// Must not know: connections, statements of tables.

export interface SessionOptions {
  readonly readOnly: boolean;
  /** Settings of every session; ours, which decoding relies on, are set after them. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What the texts of values depend on. */
const OURS: Readonly<Record<string, string>> = {
  client_encoding: 'UTF8',
  datestyle: 'ISO, YMD',
  intervalstyle: 'iso_8601',
  timezone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
};

/** Every value as the text that the server sends; we decode. */
export const AS_TEXT = { getTypeParser: () => (text: string) => text };

/** Settings of a session as one statement, values bound; it answers with the number of the server process. */
export function sessionStatement({ readOnly, settings }: SessionOptions): {
  readonly text: string;
  readonly values: readonly string[];
} {
  const all = Object.entries({
    ...settings,
    ...OURS,
    default_transaction_read_only: readOnly ? 'on' : 'off',
  });
  const calls = all.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, false)`);
  return { text: `select pg_backend_pid(), ${calls.join(', ')}`, values: all.flat() };
}
