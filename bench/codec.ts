// Knows: how fast records become JSON: generated writer, rows, and `iconv` on the same bytes, in one run.
// Must not know: the gateway around the codec.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteSink, compile, type Locate, layoutOf, parseCopybook } from '../src/codec/index.ts';
import type { Type } from '../src/model/type.ts';
import { toJson } from '../src/model/value.ts';
import { random } from '../test/random.ts';

const MEBIBYTE = 1_048_576;
const RUNS = 5;

const TEXT_HEAVY = `
       01 CUSTOMER.
          05 CUST-ID        PIC 9(9).
          05 FIRST-NAME     PIC X(20).
          05 LAST-NAME      PIC X(25).
          05 STREET         PIC X(40).
          05 CITY           PIC X(25).
          05 STATE          PIC X(2).
          05 POSTCODE       PIC X(10).
          05 PHONE          PIC X(15).
          05 BALANCE        PIC S9(9)V99 COMP-3.
          05 STATUS-CODE    PIC X(1).
`;

const PACKED_HEAVY = `
       01 POSTING.
          05 ACCOUNT-NO     PIC 9(10) COMP-3.
          05 BRANCH-NO      PIC 9(5) COMP-3.
          05 AMOUNTS        PIC S9(9)V99 COMP-3 OCCURS 8.
          05 RATE           PIC S9(3)V9(4) COMP-3.
          05 SEQUENCE-NO    PIC 9(9) COMP.
          05 TOTAL          PIC S9(13)V99 COMP-3.
          05 QUANTITY       PIC S9(7).
          05 POSTED-BY      PIC X(8).
`;

interface Case {
  readonly name: string;
  readonly copybook: string;
}

export const CASES: readonly Case[] = [
  { name: 'text-heavy', copybook: TEXT_HEAVY },
  { name: 'packed-heavy', copybook: PACKED_HEAVY },
];

/** MB/s of input bytes, the median of five runs. `undefined`: could not be measured. */
export interface CodecFigures {
  readonly data: string;
  readonly writer: number;
  readonly rows: number;
  readonly iconv: number | undefined;
}

/** Measures and prints a table. `megabytes`: size of each file (in memory and as a temporary file for iconv). */
export async function benchCodec(megabytes = 200): Promise<readonly CodecFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-'));
  try {
    const figures = CASES.map((one) => measure(one, megabytes, folder));
    console.table(
      Object.fromEntries(
        figures.map(({ data, writer, rows, iconv }) => [
          data,
          {
            'writer MB/s': Math.round(writer),
            'rows MB/s': Math.round(rows),
            'iconv MB/s': iconv === undefined ? 'not installed' : Math.round(iconv),
            'writer : iconv': iconv === undefined ? '' : (writer / iconv).toFixed(2),
          },
        ]),
      ),
    );
    return figures;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measure({ name, copybook }: Case, megabytes: number, folder: string): CodecFigures {
  const [record] = parseCopybook(copybook).records;
  if (record === undefined) throw new Error('no record');
  const codec = compile(layoutOf(record, { charset: 'cp037' }));
  const { length, fields, name: typeName } = codec.layout;
  const names = fields.map((field) => field.name);
  const count = Math.floor((megabytes * 1_000_000) / length);
  const file = recordsLike(codec, count);
  const locate: Locate = () => ({});

  const write = codec.writer(names);
  const sink = new ByteSink(2 * MEBIBYTE);
  const writer = median(() => {
    for (let i = 0, at = 0; i < count; i++, at += length) {
      write(file, at, at + length, sink, locate);
      if (sink.length > MEBIBYTE) sink.length = 0;
    }
    sink.length = 0;
  });

  const type: Type = { kind: 'object', name: typeName, fields };
  const decode = codec.decoder(names);
  // Rows are slower by so much that a tenth of the records says the same.
  const some = Math.ceil(count / 10);
  const rows = median(() => {
    for (let i = 0, at = 0; i < some; i++, at += length) {
      sink.text(JSON.stringify(toJson(type, decode(file, at, at + length, locate))));
      if (sink.length > MEBIBYTE) sink.length = 0;
    }
    sink.length = 0;
  });

  const path = join(folder, name);
  writeFileSync(path, file);
  const iconv = iconvMissing() ? undefined : median(() => runIconv(path));
  const speed = (ms: number, records = count) => (records * length) / 1000 / ms;
  return { data: name, writer: speed(writer), rows: speed(rows, some), iconv: iconv && speed(iconv) };
}

/** Some thousand different records, repeated to the size wanted. */
export function recordsLike(codec: ReturnType<typeof compile>, count: number): Uint8Array {
  const { length, fields } = codec.layout;
  const { int, pick } = random(11);
  const words = [
    'North',
    'Maple',
    'Street',
    'Anna',
    'Karl',
    'Fitzgerald',
    'Springfield',
    'Meyer',
    'Ltd.',
    '12b',
  ];
  const file = new Uint8Array(count * length);
  const different = Math.min(count, 5_000);
  const value = (type: Type): string | number | bigint | readonly string[] => {
    switch (type.kind) {
      case 'string':
        return `${pick(words)} ${pick(words)} ${pick(words)}`.slice(0, type.length ?? 1).trimEnd();
      case 'int32':
        return int(100_000);
      case 'int64':
        return BigInt(int(2 ** 31));
      case 'decimal': {
        const { precision = 9, scale = 2 } = type;
        return `${int(10 ** Math.min(7, precision - scale))}.${String(int(100)).padEnd(scale, '0')}`;
      }
      case 'list':
        return Array.from({ length: 8 }, () => String(value(type.of)));
      default:
        throw new TypeError(`no value of ${type.kind}`);
    }
  };
  for (let i = 0; i < different; i++) {
    const row = Object.fromEntries(fields.map((field) => [field.name, value(field.type)]));
    file.set(codec.encode(row), i * length);
  }
  for (let i = different; i < count; i += different) {
    file.copyWithin(i * length, 0, Math.min(different, count - i) * length);
  }
  return file;
}

function iconvMissing(): boolean {
  const missing = spawnSync('iconv', ['--version']).error !== undefined;
  if (missing) console.log('iconv is not installed: that column is left out');
  return missing;
}

function runIconv(path: string): void {
  const sink = openSync('/dev/null', 'w');
  const { status } = spawnSync('iconv', ['-f', 'IBM037', '-t', 'UTF-8', path], {
    stdio: ['ignore', sink, 'inherit'],
  });
  closeSync(sink);
  if (status !== 0) throw new Error(`iconv ended with ${String(status)}`);
}

/** Milliseconds. */
function median(run: () => void): number {
  const times = Array.from({ length: RUNS }, () => {
    const before = performance.now();
    run();
    return performance.now() - before;
  });
  return times.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN;
}

if (import.meta.main) await benchCodec(Number(process.argv[2] ?? 200));
