// Knows: where a row of a CSV table ends, and its cells (RFC 4180).
// Must not know: columns and their types.

const QUOTE = 34;
const LF = 10;

/**
 * Bytes of the row that begins at `start`, its line end included: a line end in quotes belongs to a cell. `more`: it does not end
 * before `end`. UTF-8 and every charset that has ASCII in its place.
 */
export function csvLineLength(bytes: Uint8Array, start: number, end: number): number | 'more' {
  let quoted = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === LF && !quoted) return at + 1 - start;
  }
  return 'more';
}

/** A cell and what ends it: a comma or the end of the row. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",]*))(,|$)/y;

/** The cells of a row: null for an empty one, "" for an empty text in quotes. Undefined where a quote stands amid a cell. */
export function cellsOf(line: string): readonly (string | null)[] | undefined {
  const row = line.replace(/^\ufeff/, '').replace(/\r?\n$/, '');
  const cells: (string | null)[] = [];
  CELL.lastIndex = 0;
  for (;;) {
    const found = CELL.exec(row);
    if (found === null) return undefined;
    const [, quoted, plain = '', end] = found;
    cells.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'));
    if (end === '') return cells;
  }
}
