// Knows: the command `inspect`: one record, field by field.
// Must not know: how records are found and decoded.

import { basename } from 'node:path';
import { compile } from '../codec/compile/compile.ts';
import type { Block } from '../codec/framing/block.ts';
import { diagnose, type Finding } from '../codec/framing/damage.ts';
import { recordCount } from '../codec/framing/fixed.ts';
import type { Framing } from '../codec/framing/framing.ts';
import { Fault } from '../fault.ts';
import { type Command, type Given, textOf, UsageError } from './command.ts';
import { describedLayout } from './records/described.ts';
import { openInput } from './records/input.ts';
import { blocksOf } from './records/record-blocks.ts';
import { type InspectedField, recordFields } from './records/record-fields.ts';
import { COPYBOOK_FLAGS, FORMAT_FLAGS, numberOf } from './records/record-flags.ts';
import { framingFlags } from './records/record-format.ts';
import { sampleOf } from './records/sample.ts';
import { cut, textTable, wrapped } from './records/text-table.ts';
import { spaced, told } from './records/told.ts';

const WIDTH = 100;

export const inspect: Command = {
  doc: [
    'Exit code 0: every field of the record can be decoded.',
    'Exit code 1: some cannot (they are marked), or there is no such record.',
  ].join('\n'),
  operands: { in: { value: 'IN', doc: 'The file; - for standard input', required: true } },
  flags: {
    ...COPYBOOK_FLAGS,
    ...FORMAT_FLAGS,
    'record-number': {
      type: 'string',
      value: 'N',
      doc: 'Which record; the first is 1, which is the default',
    },
    offset: {
      type: 'string',
      value: 'N',
      doc: 'Instead: the record that has this byte of the file; the first is 0',
    },
    json: { type: 'boolean', doc: 'As JSON' },
  },
  async run(given, { out, complain }) {
    const path = textOf(given, 'in') ?? '-';
    try {
      const inspected = await inspectRecord(given, path);
      out(given['json'] === true ? JSON.stringify(inspected, null, 2) : shown(inspected, path));
      return inspected.fields.some(({ problem }) => problem !== undefined) ? 1 : 0;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      complain(told(error, error.place.byteOffset === undefined ? undefined : path));
      return 1;
    }
  },
};

interface Inspected {
  /** From 1. */
  readonly record: number;
  /** Of the record's first byte in the file. */
  readonly byteOffset: number;
  readonly length: number;
  readonly fields: readonly InspectedField[];
  readonly findings: readonly Finding[];
}

async function inspectRecord(given: Given, path: string): Promise<Inspected> {
  const wanted = wantedRecord(given);
  const layout = describedLayout(given);
  const framing = framingFlags(layout, given);
  const input = await openInput(path);
  try {
    const { sample, fileSize } = sampleOf(input);
    const findings =
      sample === undefined
        ? []
        : diagnose(sample, { layout, framing, ...(fileSize === undefined ? {} : { fileSize }) });
    let count = 0;
    // A file that is cut off is what one looks at: its whole records are there.
    const lenient: Framing = framing.kind === 'fixed' ? { ...framing, tail: 'ignore-tail' } : framing;
    for await (const block of (await blocksOf(input, lenient)).blocks) {
      count += block.length;
      const i = wanted(block);
      if (i === undefined) continue;
      const start = block.start(i);
      const end = block.end(i);
      const fields = recordFields(compile(layout), block.bytes, start, end, (at) => ({
        record: block.record(i) + 1,
        byteOffset: block.offset(i, at),
      }));
      return {
        record: block.record(i) + 1,
        byteOffset: block.offset(i),
        length: end - start,
        fields,
        findings,
      };
    }
    if (framing.kind === 'fixed' && input.kind === 'file') recordCount(input.size, framing);
    const records = ['no records', '1 record'][count] ?? `${count} records`;
    const last = given['offset'] === undefined ? '' : ', which end before this offset';
    throw new Fault('not-found', `${path} has ${records}${count === 0 ? '' : last}`, {
      code: 'no-such-record',
    });
  } finally {
    input.close();
  }
}

/** The place of the record in a block, if it is there. */
function wantedRecord(given: Given): (block: Block) => number | undefined {
  const offset = numberOf(given, 'offset');
  const number = numberOf(given, 'record-number') ?? 1;
  if (offset !== undefined && given['record-number'] !== undefined) {
    throw new UsageError('--offset and --record-number do not go together');
  }
  if (number < 1 || (offset ?? 0) < 0) throw new UsageError('There is no such record');
  return (block) => {
    if (block.length === 0) return undefined;
    if (offset === undefined) {
      const i = number - 1 - block.record(0);
      return i < block.length ? i : undefined;
    }
    const last = block.extent(block.length - 1);
    if (offset >= last.offset + last.length) return undefined;
    for (let i = 0; i < block.length; i++) {
      const extent = block.extent(i);
      if (offset < extent.offset + extent.length) return i;
    }
    return undefined;
  };
}

function shown({ record, byteOffset, length, fields, findings }: Inspected, path: string): string {
  const rows = fields.map((field) => [
    String(field.offset),
    String(field.length),
    `${'  '.repeat(field.depth)}${field.path === '' ? field.legacyName : lastStep(field.path)}`,
    field.picture,
    field.line === undefined ? '' : String(field.line),
    spaced(field.hex, 6),
    field.problem === undefined ? valueText(field) : '! see below',
  ]);
  const [heading = '', ...lines] = textTable(
    [
      { heading: 'offset', most: 7, right: true },
      { heading: 'bytes', most: 6, right: true },
      { heading: 'field', most: 24 },
      { heading: 'picture', most: 16 },
      { heading: 'line', most: 5, right: true },
      { heading: 'hex', most: 17 },
      { heading: 'value', most: 20 },
    ],
    rows,
  );
  return [
    `${path === '-' ? 'standard input' : basename(path)}: record ${record}, offset ${byteOffset}, ${length} bytes`,
    heading,
    ...lines.flatMap((line, i) => {
      const message = fields[i]?.problem?.message;
      // What is wrong with the whole record is said once.
      const said = message === undefined || message === fields[i - 1]?.problem?.message;
      return said ? [line] : [line, ...wrapped(`! ${message}`, WIDTH, '         ')];
    }),
    ...findings.flatMap(({ message, evidence, hint }) => [
      '',
      ...wrapped(`${message} (${evidence})`, WIDTH, ''),
      ...wrapped(hint, WIDTH, '  '),
    ]),
  ].join('\n');
}

function lastStep(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function valueText({ value, alternate }: InspectedField): string {
  if (value === undefined) return '';
  return `${alternate === true ? '= ' : ''}${cut(typeof value === 'string' ? value : JSON.stringify(value), 60)}`;
}
