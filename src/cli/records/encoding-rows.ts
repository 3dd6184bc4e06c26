// Knows: how lines of NDJSON and rows of CSV become records.
// Must not know: files. A line is framed like any record.

import type { Codec } from '../../codec/compile/compile.ts';
import type { RecordWriter } from '../../codec/framing/enframe.ts';
import type { Framing } from '../../codec/framing/framing.ts';
import { Fault } from '../../fault.ts';
import { didYouMean } from '../../model/naming.ts';
import {
  type Field,
  fieldAt,
  isScalar,
  type ObjectType,
  type Scalar,
  type Type,
  typeText,
} from '../../model/type.ts';
import { fromJson, parseScalar, type Row, TAG, type Value } from '../../model/value.ts';
import type { Prepared, Rendering } from './conversion.ts';
import { cellsOf, csvLineLength } from './csv-line.ts';

const BYTES = new TextEncoder();
const LINES: Framing = { kind: 'lines', ends: [BYTES.encode('\r\n'), BYTES.encode('\n')], mark: true };

/** One JSON object a line. An empty line is none. */
export function linesToRecords(codec: Codec, writer: RecordWriter): Prepared {
  const { fields } = codec.layout;
  return {
    framing: LINES,
    lines: true,
    rendering: recordsFrom(writer, (line) => {
      if (/^\s*$/.test(line)) return undefined;
      return codec.encode(rowOf(fields, parsed(line), ''));
    }),
  };
}

/** The first row names the columns: dotted paths, as `--to csv` writes them. */
export function tableToRecords(codec: Codec, writer: RecordWriter): Prepared {
  const { fields } = codec.layout;
  let columns: readonly Column[] | undefined;
  return {
    framing: { kind: 'measured', lengthOf: csvLineLength },
    lines: true,
    rendering: recordsFrom(writer, (line) => {
      const cells = cellsOf(line);
      if (cells === undefined) {
        throw rejected(
          'bad-csv',
          'A quote stands amid a cell: a cell with quotes in it stands in quotes, and they are doubled',
        );
      }
      if (columns === undefined) {
        columns = columnsOf(fields, cells);
        return undefined;
      }
      if (cells.length === 1 && cells[0] === null) return undefined;
      return codec.encode(rowOfCells(columns, cells));
    }),
  };
}

/** `encode`: undefined for a line that is no row. */
function recordsFrom(writer: RecordWriter, encode: (line: string) => Uint8Array | undefined): Rendering {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return {
    head: '',
    separator: 0,
    tail: '',
    write(bytes, start, end, out) {
      let line: string;
      try {
        line = decoder.decode(bytes.subarray(start, end));
      } catch {
        throw rejected('bad-utf-8', 'The line is not UTF-8');
      }
      const record = encode(line);
      if (record === undefined) return false;
      writer.write(record, out);
      return true;
    },
    finish: (out) => writer.finish(out),
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw rejected(
      'bad-json',
      `The line is no JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** JSON as `--to ndjson` writes it → a row. Throws `rejected` with the field. */
export function rowOf(fields: readonly Field[], json: unknown, prefix: string): Row {
  if (!isObject(json)) {
    const what = prefix === '' ? 'The line' : `"${prefix.slice(0, -1)}"`;
    throw rejected('bad-type', `${what} is no JSON object`, prefix.slice(0, -1));
  }
  return Object.fromEntries(
    Object.entries(json)
      .filter(([name]) => name !== TAG)
      .map(([name, member]) => {
        const field = fields.find((one) => one.name === name);
        const path = prefix + name;
        if (field === undefined) {
          throw rejected(
            'unknown-field',
            `There is no field "${path}".${didYouMean(
              name,
              fields.map((one) => one.name),
            )}`,
            path,
          );
        }
        return [name, readValue(field.type, member, path)];
      }),
  );
}

function readValue(type: Type, json: unknown, path: string): Value {
  if (isScalar(type)) return readScalar(type, json, path);
  if (json === null) return null;
  switch (type.kind) {
    case 'list':
      if (!Array.isArray(json)) throw mistyped(type, path);
      return json.map((element, i) => readValue(type.of, element, `${path}[${i}]`));
    case 'object':
      return readGroup(type, json, path);
    case 'union': {
      const tag = isObject(json) ? json[TAG] : undefined;
      const member = type.of.find((one) => one.tag === tag);
      const tags = type.of.map((one) => one.tag);
      if (member === undefined) {
        throw rejected('unknown-variant', `"${path}" needs a "${TAG}" of ${tags.join(', ')}`, path);
      }
      return { [TAG]: member.tag, ...readGroup(member, json, path) };
    }
  }
}

function readGroup({ fields }: ObjectType, json: unknown, path: string): { readonly [name: string]: Value } {
  // cast: rows made from JSON hold values only, no faults.
  return rowOf(fields, json, `${path}.`) as { readonly [name: string]: Value };
}

function readScalar(type: Scalar, json: unknown, path: string): Value {
  const value = fromJson(type, json);
  if (value === undefined) throw mistyped(type, path, json);
  return value;
}

interface Column {
  readonly path: readonly string[];
  readonly type: Type;
}

function columnsOf(fields: readonly Field[], cells: readonly (string | null)[]): readonly Column[] {
  const twice = cells.find((cell, i) => cells.indexOf(cell) < i);
  if (typeof twice === 'string') {
    throw new Fault('invalid', `The heading of the table names "${twice}" twice`, { code: 'double-column' });
  }
  return cells.map((cell) => columnOf(fields, cell ?? ''));
}

function columnOf(fields: readonly Field[], path: string): Column {
  const field = fieldAt(fields, path);
  if (field === undefined) {
    const names = fields.map(({ name }) => name);
    // Without its columns the table says nothing: this is no matter of one record.
    throw new Fault(
      'invalid',
      `The heading of the table names "${path}", which is no field.${didYouMean(path, names)}`,
      {
        code: 'unknown-field',
        ...(/[;\t]/.test(path) ? { hint: 'The cells of a row are separated by commas.' } : {}),
      },
    );
  }
  return { path: path.split('.'), type: field.type };
}

type Draft = { [name: string]: Value | Draft };

/** An empty cell is a null: the field is left as a new record has it. */
function rowOfCells(columns: readonly Column[], cells: readonly (string | null)[]): Row {
  if (cells.length !== columns.length) {
    throw rejected('bad-row', `The row has ${cells.length} cells, and there are ${columns.length} columns`);
  }
  const row: Draft = {};
  for (const [i, { path, type }] of columns.entries()) {
    const cell = cells[i] ?? null;
    if (cell === null) continue;
    let group = row;
    for (const step of path.slice(0, -1)) {
      group[step] ??= {};
      // cast: columns are scalars or lists, so what lies on the way to one is a group made here.
      group = group[step] as Draft;
    }
    group[path.at(-1) ?? ''] = cellValue(type, cell, path.join('.'));
  }
  return row;
}

function cellValue(type: Type, cell: string, path: string): Value {
  if (!isScalar(type) || type.kind === 'json') return readValue(type, parsed(cell), path);
  const value = parseScalar(type, cell);
  if (value === undefined) throw mistyped(type, path, cell);
  return value;
}

function mistyped(type: Type, path: string, json?: unknown): Fault {
  // A number that JSON has and JavaScript has not is Infinity.
  const text = typeof json === 'number' ? String(json) : JSON.stringify(json);
  const shown = text === undefined ? 'The value' : text.slice(0, 60);
  return rejected('bad-type', `${shown} is no value of "${path}", which is ${typeText(type)}`, path);
}

function rejected(code: string, message: string, field?: string): Fault {
  return new Fault('rejected', message, { code, ...(field === undefined || field === '' ? {} : { field }) });
}

function isObject(json: unknown): json is { readonly [name: string]: unknown } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
