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

/** The cells of a row: null for an empty one, "" for an empty text in quotes. */
export function cellsOf(line: string): readonly (string | null)[] {
  const row = line.replace(/^\ufeff/, '').replace(/\r?\n$/, '');
  const cells: (string | null)[] = [];
  let at = 0;
  for (;;) {
    let cell: string | null;
    if (row[at] === '"') {
      let text = '';
      at++;
      for (;;) {
        const close = row.indexOf('"', at);
        if (close < 0) {
          text += row.slice(at);
          at = row.length;
          break;
        }
        text += row.slice(at, close);
        at = close + 1;
        if (row[at] !== '"') break;
        text += '"';
        at++;
      }
      const next = row.indexOf(',', at);
      text += row.slice(at, next < 0 ? row.length : next);
      at = next < 0 ? row.length : next;
      cell = text;
    } else {
      const next = row.indexOf(',', at);
      cell = row.slice(at, next < 0 ? row.length : next);
      if (cell === '') cell = null;
      at = next < 0 ? row.length : next;
    }
    cells.push(cell);
    if (at >= row.length) return cells;
    at++;
  }
}
