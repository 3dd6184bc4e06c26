// Knows: how the columns of a parse map stand in a line: at byte offsets, or counted in characters.
// Must not know: files, what is in a column.

import type { Charset } from '#codec/charset';
import type { Framing } from '#codec/framing/framing';
import { Fault } from '#spi';
import { recordsOfLines } from '../tables/columns.ts';
import type { Column, ParseMap } from '../tables/parse-map.ts';
import { asLongAs, formOf, type RecordForm } from './form.ts';

const BLANK = 0x20;

/** `charset`: of the file. */
export function mapFormOf(map: ParseMap, framing: Framing, charset: Charset): RecordForm {
  if (framing.kind !== 'lines') return formOf(framing, map.layout);
  const multibyte = charset.toUnicode === undefined;
  const recordsOf = recordsOfLines(map, { multibyte, slack: true });
  return {
    read(stored) {
      const [made] = recordsOf(alone(stored));
      return made === undefined
        ? stored
        : made.bytes.slice(made.start(0), made.end(0)).subarray(0, map.layout.length);
    },
    write: multibyte ? byCharacters(map) : byBytes(map, charset.space),
  };
}

function alone(bytes: Uint8Array) {
  return {
    length: 1,
    bytes,
    start: () => 0,
    end: () => bytes.length,
    offset: (_: number, at = 0) => at,
    record: () => 0,
    extent: () => ({ offset: 0, length: bytes.length }),
  };
}

/** A character is a byte: the record is the line, as far as columns go. What no column names stays. */
function byBytes({ columns, width }: ParseMap, space: number): RecordForm['write'] {
  return (record, before) => {
    const line = new Uint8Array(Math.max(width, before?.length ?? 0)).fill(space);
    if (before !== undefined) line.set(before);
    for (const { start, width: length } of columns) line.set(record.subarray(start, start + length), start);
    return before === undefined ? line : asLongAs(line, before.length, space);
  };
}

/** UTF-8: columns count UTF-16 units, as fixed-width-parser does. */
function byCharacters({ columns, width }: ParseMap): RecordForm['write'] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const encoder = new TextEncoder();
  return (record, before) => {
    let line = textOf(before, decoder).padEnd(width);
    for (const column of columns) {
      const { start, width: units } = column;
      line = line.slice(0, start) + cellOf(column, record, decoder) + line.slice(start + units);
    }
    const bytes = encoder.encode(line);
    return before === undefined ? bytes : asLongAs(bytes, before.length, BLANK);
  };
}

function textOf(bytes: Uint8Array | undefined, decoder: TextDecoder): string {
  if (bytes === undefined) return '';
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new Fault('corrupt', 'The line is not UTF-8, so its columns cannot be told', {
      code: 'bad-utf-8',
      cause: error,
    });
  }
}

/** The slot of a text has room for the longest characters: what fills it up beyond its units goes. */
function cellOf({ node, width }: Column, record: Uint8Array, decoder: TextDecoder): string {
  const text = decoder.decode(record.subarray(node.offset, node.offset + node.length));
  const { encoding } = node;
  const own = encoding.kind === 'boolean-text' ? encoding.text : encoding;
  const right = own.kind === 'text' && own.justify === 'right';
  const spare = text.length - width;
  if (spare <= 0) return text.padEnd(width);
  const pad = own.kind === 'text' ? (own.pad ?? ' ') : ' ';
  const cut = right ? text.slice(0, spare) : text.slice(width);
  if ([...cut].some((character) => character !== pad)) throw tooLong(node.name, width);
  return right ? text.slice(spare) : text.slice(0, width);
}

function tooLong(field: string, width: number): Fault {
  return new Fault('invalid', `"${field}" is longer than its ${width} columns`, { code: 'bad-value', field });
}
