import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ByteSource } from '../../../src/codec/framing/block.ts';
import type { WriterOptions } from '../../../src/codec/framing/enframe.ts';
import { extract } from '../../../src/codec/framing/extract.ts';
import type { Framing } from '../../../src/codec/framing/framing.ts';
import { scanRecords } from '../../../src/codec/framing/scan.ts';
import { random } from '../../random.ts';
import { framed, hexOf, lines, randomRecords, scanned, seen, sourceOf, V, written } from './framed.ts';

interface Case {
  readonly name: string;
  readonly framing: Framing;
  readonly options?: WriterOptions;
  readonly least?: number;
  readonly most?: number;
  readonly bytes?: readonly number[];
}

const TEXT = [0x41, 0x42, 0x20, 0x0d];
const EBCDIC = [0xc1, 0xc2, 0x40, 0x0a];

const CASES: readonly Case[] = [
  { name: 'F', framing: { kind: 'fixed', length: 7, shown: 7, tail: 'fail' }, least: 7, most: 7 },
  { name: 'V', framing: V },
  { name: 'V, lengths without their words', framing: { ...V, inclusive: false } },
  { name: 'V, adjusted', framing: { ...V, adjust: -3 } },
  { name: 'V, little-endian', framing: { ...V, order: 'little', inclusive: false }, least: 1 },
  { name: 'VB', framing: { ...V, blocks: true }, options: { blockSize: 60 } },
  {
    name: 'VB, little-endian',
    framing: { ...V, blocks: true, order: 'little' },
    options: { blockSize: 60 },
    least: 1,
  },
  { name: 'VBS', framing: { ...V, blocks: true, spanned: true }, options: { blockSize: 23 } },
  { name: 'VBS, tiny blocks', framing: { ...V, blocks: true, spanned: true }, options: { blockSize: 9 } },
  { name: 'VS', framing: { ...V, spanned: true } },
  { name: 'LF and CRLF', framing: lines('0d0a', '0a'), bytes: [0x41, 0x20] },
  { name: 'CRLF alone', framing: lines('0d0a'), bytes: [0x41, 0x0a, 0x20] },
  { name: 'LF alone', framing: lines('0a'), bytes: TEXT },
  {
    name: 'NEL in EBCDIC',
    framing: lines('0d25', '0d15', '15', '25'),
    options: { end: Uint8Array.of(0x0d, 0x15) },
    bytes: EBCDIC,
  },
  {
    name: 'NEL in UTF-8',
    framing: lines('c285', '0a'),
    options: { end: Uint8Array.of(0xc2, 0x85) },
    bytes: [0x41, 0xc3, 0xa4],
  },
  { name: 'GnuCOBOL 0', framing: { kind: 'gnucobol', variant: 0 } },
  { name: 'GnuCOBOL 1', framing: { kind: 'gnucobol', variant: 1 } },
  { name: 'GnuCOBOL 2', framing: { kind: 'gnucobol', variant: 2 } },
  { name: 'GnuCOBOL 3', framing: { kind: 'gnucobol', variant: 3 } },
  { name: 'Micro Focus, short', framing: { kind: 'mf', variant: 0 }, options: { longest: 40 } },
  { name: 'Micro Focus, long', framing: { kind: 'mf', variant: 0 }, options: { longest: 5_000 } },
  { name: 'U in blocks', framing: { kind: 'undefined', blockLength: 9 }, least: 9, most: 9 },
  {
    name: 'measured',
    framing: {
      kind: 'measured',
      lengthOf: (bytes, start, end) => (end - start < 2 ? 'more' : 2 + ((bytes[start + 1] ?? 0) & 15)),
    },
  },
];

/** Records for a case; those of `measured` say their own length. */
function recordsFor({ framing, least = 0, most = 30, bytes }: Case, seed: number): readonly Uint8Array[] {
  const generator = random(seed);
  const records = randomRecords(generator, generator.int(40), least, most, bytes);
  if (framing.kind !== 'measured') return records;
  return records.map((record) => {
    const whole = new Uint8Array(2 + (record.length & 15));
    whole.set(record.subarray(0, whole.length));
    whole[1] = record.length;
    return whole;
  });
}

describe('what a record writer writes, a scan reads', () => {
  for (const one of CASES) {
    const { framing, options } = one;
    it(`${one.name}: the same records, at the offsets where they stand, and each again from its extent`, async () => {
      for (let seed = 1; seed <= 25; seed++) {
        const records = recordsFor(one, seed);
        const margins = seed % 3 === 0 ? { header: 5, trailer: 3 } : {};
        const file = written(records, { ...framing, ...margins }, { pad: 0x40, ...options });
        const wanted = records.map(hexOf);
        for (const known of [true, false]) {
          for (const sliceBytes of [1, 7, 64, 4_096]) {
            const found = await scanned(file, { ...framing, ...margins }, { sliceBytes, known });
            assert.deepEqual(
              found.map(({ hex }) => hex),
              wanted,
              `seed ${seed}, pieces of ${sliceBytes}`,
            );
          }
        }
        let behind = margins.header ?? 0;
        for (const { hex, record, offset, extent } of await scanned(file, { ...framing, ...margins })) {
          assert.ok(extent.offset >= behind && offset >= extent.offset);
          behind = extent.offset + extent.length;
          const taken = file.slice(extent.offset, behind);
          const again = extract(framing, new Uint8Array([1, 2, 3, ...taken, 4]), 3, 3 + taken.length, {
            record,
            offset: extent.offset,
          });
          assert.deepEqual(seen(again, 0), { hex, record, offset, extent });
        }
        assert.ok(behind <= file.length);
      }
    });

    it(`${one.name}: the core finds the same however the bytes are cut`, () => {
      const records = recordsFor(one, 4);
      const file = written(records, framing, { pad: 0x40, ...options });
      const { int } = random(5);
      for (const stretch of [() => 1, () => 7, () => 100_000, () => int(9)]) {
        assert.deepEqual(framed(file, framing, stretch), records.map(hexOf));
      }
    });
  }

  it('a spanned record may be longer than any block, and every byte of it is found at its place in the file', async () => {
    for (const blocks of [true, false]) {
      const framing: Framing = { ...V, blocks, spanned: true };
      const record = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
      const file = written([Uint8Array.of(1), record, Uint8Array.of(2)], framing);
      const signal = new AbortController().signal;
      const found: string[] = [];
      for await (const block of scanRecords(sourceOf(file), framing, { signal })) {
        for (let i = 0; i < block.length; i++) {
          const { hex, extent, record: number } = seen(block, i);
          found.push(hex);
          const taken = file.slice(extent.offset, extent.offset + extent.length);
          const again = extract(framing, taken, 0, taken.length, { record: number, offset: extent.offset });
          for (let at = 0; at < block.end(i) - block.start(i); at += 97) {
            const byte = block.bytes[block.start(i) + at];
            assert.equal(file[block.offset(i, at)], byte);
            assert.equal(file[again.offset(0, at)], byte);
          }
        }
      }
      assert.deepEqual(found, ['01', hexOf(record), '02']);
    }
  });

  it('a scan may begin at any record and end behind any other', async () => {
    const records = randomRecords(random(6), 50, 1, 20);
    for (const framing of [V, lines('0a'), { kind: 'fixed', length: 20, shown: 20, tail: 'fail' }] as const) {
      const file = written(
        records.map((record) => record.map((byte) => (byte === 0x0a ? 0 : byte))),
        { ...framing, header: 3 },
        { pad: 0 },
      );
      const all = await scanned(file, { ...framing, header: 3 });
      for (const [low, high] of [
        [0, 50],
        [10, 30],
        [49, 50],
        [7, 7],
      ] as const) {
        const from = { record: low, offset: all[low]?.extent.offset ?? 0 };
        const to = all[high]?.extent.offset ?? file.length;
        assert.deepEqual(
          await scanned(file, { ...framing, header: 3 }, { from, to, sliceBytes: 50 }),
          all.slice(low, high),
        );
      }
    }
  });

  it('VB may be scanned from any block', async () => {
    const framing: Framing = { ...V, blocks: true };
    const file = written(randomRecords(random(6), 50, 5, 5), framing, { blockSize: 40 });
    // Each block has a BDW and four records of 9 bytes.
    const all = await scanned(file, framing);
    assert.deepEqual(
      await scanned(file, framing, { from: { record: 8, offset: 80 }, to: 200 }),
      all.slice(8, 20),
    );
  });

  it('an empty file has no records', async () => {
    for (const { framing } of CASES.filter((one) => one.framing.kind !== 'mf')) {
      for (const known of [true, false])
        assert.deepEqual(await scanned(new Uint8Array(0), framing, { known }), []);
    }
  });

  it('pieces begin small and grow to a mebibyte', async () => {
    const lengths: number[] = [];
    const bytes = new Uint8Array(8_000_000).fill(0x41);
    for (let at = 99; at < bytes.length; at += 100) bytes[at] = 0x0a;
    const source: ByteSource = {
      size: bytes.length,
      read(into, offset, ask) {
        lengths.push(into.length);
        return sourceOf(bytes).read(into, offset, ask);
      },
    };
    for await (const block of scanRecords(source, lines('0a'), { signal: new AbortController().signal })) {
      assert.ok(block.bytes.length <= 4 * 1_048_576);
    }
    assert.deepEqual(lengths.slice(0, 4), [65_536, 262_144, 1_048_576, 1_048_576]);
  });

  it('a byte order mark may stand before the first line only', async () => {
    const framing: Framing = { ...lines('0a'), mark: true };
    const file = Uint8Array.fromHex('efbbbf410aefbbbf420a');
    for (const sliceBytes of [1, 2, 100]) {
      const found = await scanned(file, framing, { sliceBytes });
      assert.deepEqual(
        found.map(({ hex, extent }) => [hex, extent.offset]),
        [
          ['41', 3],
          ['efbbbf42', 5],
        ],
      );
    }
    assert.deepEqual(
      (await scanned(Uint8Array.fromHex('efbb'), framing)).map(({ hex }) => hex),
      ['efbb'],
    );
  });

  it('a file of one record is U, and slack behind the shown bytes is hidden', async () => {
    const u = await scanned(Uint8Array.of(1, 2, 3), { kind: 'undefined' }, { sliceBytes: 1 });
    assert.deepEqual(
      u.map(({ hex }) => hex),
      ['010203'],
    );
    const blocks = await scanned(Uint8Array.of(1, 2, 3), { kind: 'undefined', blockLength: 2 });
    assert.deepEqual(
      blocks.map(({ hex }) => hex),
      ['0102', '03'],
    );
    const shown = await scanned(Uint8Array.of(1, 2, 3, 4), {
      kind: 'fixed',
      length: 2,
      shown: 1,
      tail: 'fail',
    });
    assert.deepEqual(
      shown.map(({ hex, extent }) => [hex, extent.length]),
      [
        ['01', 2],
        ['03', 2],
      ],
    );
  });

  it('an extent that holds no record any more is a fault', () => {
    assert.throws(
      () => extract(V, Uint8Array.fromHex('00060000c1c20000'), 0, 8, { record: 4, offset: 100 }),
      /offset 100, where record 5 stood/,
    );
  });

  it('a large block has its length in 31 bits', async () => {
    const file = Uint8Array.fromHex(
      '800000100006' + '0000c1c20006' + '0000c3c4' + '000a0000' + '00060000c5c6',
    );
    const found = await scanned(file, { ...V, blocks: true }, { sliceBytes: 5 });
    assert.deepEqual(
      found.map(({ hex, offset }) => [hex, offset]),
      [
        ['c1c2', 8],
        ['c3c4', 14],
        ['c5c6', 24],
      ],
    );
  });

  it('little-endian words are read in both of their shapes', async () => {
    const file = Uint8Array.fromHex('00000200c1c2' + '02000000c3c4');
    const found = await scanned(file, { ...V, order: 'little', inclusive: false });
    assert.deepEqual(
      found.map(({ hex }) => hex),
      ['c1c2', 'c3c4'],
    );
  });

  it('records may have no bytes, and blocks no records', async () => {
    const file = Uint8Array.fromHex('00040000' + '00080000' + '00040000');
    assert.deepEqual(
      (await scanned(file, { ...V, blocks: true })).map(({ hex }) => hex),
      [''],
    );
  });
});
