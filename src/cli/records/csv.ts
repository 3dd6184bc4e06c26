// Knows: records as a CSV table (RFC 4180), one column for each scalar, groups as dotted columns, as the REST API has it.
// Must not know: files.

import type { Codec } from '../../codec/compile/compile.ts';
import type { ByteSink } from '../../model/byte-sink.ts';
import { columnsOf, csvCells } from '../../rest/csv.ts';
import type { Rendering } from './conversion.ts';

export function csvRendering(codec: Codec, paths: readonly string[]): Rendering {
  const columns = columnsOf(codec.layout.fields, paths);
  const decode = codec.decoder(paths);
  return {
    head: `${columns.map(({ path }) => quoted(path)).join(',')}\r\n`,
    separator: 0,
    tail: '',
    write(bytes, start, end, out: ByteSink, locate) {
      const cells = csvCells(columns, decode(bytes, start, end, locate));
      out.text(`${cells.map(quoted).join(',')}\r\n`);
      return true;
    },
  };
}

/** A null is an empty cell, an empty text is `""`. */
function quoted(cell: string | null): string {
  if (cell === null) return '';
  return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
