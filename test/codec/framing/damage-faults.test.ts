import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Framing } from '../../../src/codec/framing/framing.ts';
import { Fault } from '../../../src/fault.ts';
import { random } from '../../random.ts';
import { broken, bytesOf, lines, scanned, V, written } from './framed.ts';

interface Damage {
  readonly rule: string;
  readonly file: string;
  readonly framing: Framing;
  readonly records?: readonly string[];
  readonly code: string;
  /** Of the record, from 1; offset of the first byte that is wrong. */
  readonly record: number;
  readonly byteOffset: number;
  readonly hex?: string;
  readonly message: RegExp;
  readonly hint?: RegExp;
}

const VB: Framing = { ...V, blocks: true };
const VBS: Framing = { ...V, blocks: true, spanned: true };
const FB: Framing = { kind: 'fixed', length: 4, shown: 4, tail: 'fail' };

const DAMAGES: readonly Damage[] = [
  {
    rule: 'an RDW of less than 4 is no descriptor word',
    file: '0006 0000 C1C2 0003 0000',
    framing: V,
    records: ['c1c2'],
    code: 'bad-rdw',
    record: 2,
    byteOffset: 6,
    hex: '00030000',
    message: /record 2 at offset 6, 00030000 .* length is 3, fewer than its own 4 bytes/,
  },
  {
    rule: 'zeros to the end are named as padding',
    file: '0006 0000 C1C2 0000 0000 0000 0000',
    framing: V,
    records: ['c1c2'],
    code: 'bad-rdw',
    record: 2,
    byteOffset: 6,
    hex: '00000000',
    message: /length is 0/,
    hint: /8 bytes are zero.*trailer/,
  },
  {
    rule: 'reserved bytes that are not zero are a fault: the RDWs may be stripped',
    file: 'C1C2 C3C4 C5C6',
    framing: V,
    code: 'bad-rdw',
    record: 1,
    byteOffset: 0,
    hex: 'C1C2C3C4',
    message: /reserved bytes are not zero/,
    hint: /stripped/,
  },
  {
    rule: 'a length in the last two bytes is named as little-endian',
    file: '0000 0200 C1C2',
    framing: V,
    code: 'bad-rdw',
    record: 1,
    byteOffset: 0,
    hex: '00000200',
    message: /no record descriptor word/,
    hint: /little/,
  },
  {
    rule: 'a control code without spanned records is named',
    file: '0006 0100 C1C2',
    framing: V,
    code: 'bad-rdw',
    record: 1,
    byteOffset: 0,
    hex: '00060100',
    message: /reserved/,
    hint: /spanned/,
  },
  {
    rule: 'a big-endian file is not read as little-endian',
    file: '0002 0000 C1C2 0002 0000 C1C2',
    framing: { ...V, order: 'little', inclusive: false },
    code: 'cut-off-record',
    record: 1,
    byteOffset: 0,
    hex: '00020000',
    message: /needs 516 bytes, and 12 are there/,
  },
  {
    rule: 'a last record that is cut off is told with what is there and what is needed',
    file: '0006 0000 C1C2 0008 0000 C1',
    framing: V,
    records: ['c1c2'],
    code: 'cut-off-record',
    record: 2,
    byteOffset: 6,
    hex: '00080000',
    message: /record 2: it begins at offset 6 and needs 8 bytes, and 5 are there/,
  },
  {
    rule: 'a descriptor word that is cut off is told',
    file: '0006 0000 C1C2 0008',
    framing: V,
    records: ['c1c2'],
    code: 'cut-off-record',
    record: 2,
    byteOffset: 6,
    hex: '0008',
    message: /needs 4 bytes, and 2 are there/,
  },
  {
    rule: 'a record does not reach beyond its block',
    file: '000E 0000 0006 0000 C1C2 0006 0000 C1C2',
    framing: VB,
    records: ['c1c2'],
    code: 'rdw-beyond-block',
    record: 2,
    byteOffset: 10,
    hex: '00060000',
    message: /beyond its block: it wants 6 bytes, and 4 are left/,
    hint: /VBS/,
  },
  {
    rule: 'a block does not reach beyond the file',
    file: '0010 0000 0006 0000 C1C2',
    framing: VB,
    records: ['c1c2'],
    code: 'block-beyond-file',
    record: 2,
    byteOffset: 10,
    message: /ends at offset 10, 6 bytes before the end of its last block/,
  },
  {
    rule: 'a BDW of less than 4 is no block descriptor word',
    file: '000A 0000 0006 0000 C1C2 0002 0000',
    framing: VB,
    records: ['c1c2'],
    code: 'bad-bdw',
    record: 2,
    byteOffset: 10,
    hex: '00020000',
    message: /offset 10, .*00020000 is no block descriptor word: it says 2 bytes/,
  },
  {
    rule: 'the reserved bytes of a BDW are zero',
    file: '000A 0001 0006 0000 C1C2',
    framing: VB,
    code: 'bad-bdw',
    record: 1,
    byteOffset: 0,
    hex: '000A0001',
    message: /reserved/,
  },
  {
    rule: 'a segment without a first one is a fault',
    file: '000A 0000 0006 0300 C1C2',
    framing: VBS,
    code: 'segment-out-of-order',
    record: 1,
    byteOffset: 4,
    hex: '00060300',
    message: /a further segment stands where record 1 should begin/,
  },
  {
    rule: 'a record that begins before the last segment of the one before is a fault',
    file: '000A 0000 0006 0000 C1C2 000A 0000 0006 0100 C3C4 000A 0000 0006 0000 C5C6',
    framing: VBS,
    records: ['c1c2'],
    code: 'segment-out-of-order',
    record: 2,
    byteOffset: 24,
    hex: '00060000',
    message: /a new record begins before record 2 has its last segment/,
  },
  {
    rule: 'a control code above 3 is a fault',
    file: '000A 0000 0006 0400 C1C2',
    framing: VBS,
    code: 'bad-rdw',
    record: 1,
    byteOffset: 4,
    hex: '00060400',
    message: /control code is 0400/,
  },
  {
    rule: 'a record without its last segment is told with the offset of its first',
    file: '000A 0000 0006 0100 C1C2',
    framing: VBS,
    code: 'cut-off-record',
    record: 1,
    byteOffset: 4,
    message: /begins at offset 4 and takes 6 bytes so far \(2 of its own\)/,
  },
  {
    rule: 'the rest of a file of records of one length is a fault with its offset',
    file: 'C1C2C3C4 C1C2C3C4 C1C2',
    framing: FB,
    code: 'partial-record',
    record: 3,
    byteOffset: 8,
    message: /has 10 bytes, which is no multiple of the record length 4: .* offset 8, 2 bytes remain/,
  },
  {
    rule: 'GnuCOBOL format 0 has zeros behind the length',
    file: '0002 0000 C1C2 0002 4000 C1C2',
    framing: { kind: 'gnucobol', variant: 0 },
    records: ['c1c2'],
    code: 'bad-record-length',
    record: 2,
    byteOffset: 6,
    hex: '00024000',
    message: /last two bytes are not zero/,
  },
  {
    rule: 'a length that no record has is not waited for',
    file: '40404040 C1C2',
    framing: { kind: 'gnucobol', variant: 1 },
    code: 'record-too-long',
    record: 1,
    byteOffset: 0,
    hex: '40404040',
    message: /would have 1077952576 bytes/,
  },
  {
    rule: 'a file of Micro Focus begins with its header',
    file: 'C1C2C3C4',
    framing: { kind: 'mf', variant: 0 },
    code: 'bad-file-header',
    record: 1,
    byteOffset: 0,
    hex: 'C1C2C3C4',
    message: /128 bytes that begin with 307E0000 or 3000007C. There stands C1C2C3C4/,
  },
];

describe('damage', () => {
  for (const damage of DAMAGES) {
    it(damage.rule, async () => {
      const file = bytesOf(damage.file);
      for (const known of [true, false]) {
        for (const sliceBytes of [1, 3, 1_000]) {
          const { records, fault } = await broken(file, damage.framing, { known, sliceBytes });
          assert.equal(fault.kind, 'corrupt');
          assert.equal(fault.code, damage.code);
          assert.deepEqual([fault.place.record, fault.place.byteOffset], [damage.record, damage.byteOffset]);
          if (damage.hex !== undefined) assert.equal(fault.place.hex, damage.hex);
          if (known || damage.framing.kind !== 'fixed') assert.match(fault.message, damage.message);
          if (damage.hint !== undefined && sliceBytes === 1_000) {
            assert.match(fault.place.hint ?? '', damage.hint);
          }
          const before = damage.framing.kind === 'fixed' && !known ? ['c1c2c3c4', 'c1c2c3c4'] : [];
          assert.deepEqual(records, damage.records ?? before);
        }
      }
    });
  }

  it('the tail of records of one length is left out where the policy says so', async () => {
    for (const known of [true, false]) {
      const found = await scanned(bytesOf('C1C2C3C4 C1C2'), { ...FB, tail: 'ignore-tail' }, { known });
      assert.deepEqual(
        found.map(({ hex }) => hex),
        ['c1c2c3c4'],
      );
    }
  });

  it('margins longer than the file are a fault', async () => {
    for (const known of [true, false]) {
      const { fault } = await broken(bytesOf('C1C2C3'), { ...FB, header: 2, trailer: 2 }, { known });
      assert.equal(fault.code, 'file-cut');
    }
  });

  it('a line that never ends does not fill the memory', async () => {
    const { fault } = await broken(new Uint8Array(16_777_218), lines('0a'));
    assert.equal(fault.code, 'line-too-long');
    assert.equal(fault.place.byteOffset, 0);
  });

  it('a compressed file of Micro Focus is refused by name', async () => {
    const file = written([], { kind: 'mf', variant: 0 }, { longest: 10 });
    file[41] = 1;
    const { fault } = await broken(file, { kind: 'mf', variant: 0 });
    assert.equal(fault.code, 'compressed-file');
  });

  it('deleted and system records of Micro Focus are passed over, and keep their place', async () => {
    const header = written([], { kind: 'mf', variant: 0 }, { longest: 10 });
    const file = Uint8Array.from([
      ...header,
      ...bytesOf('2005 C1C2C3C4C5 20 4005 D1D2D3D4D5 20 3001C1202020 2020'),
    ]);
    const found = await scanned(file, { kind: 'mf', variant: 0 });
    assert.deepEqual(
      found.map(({ hex, record }) => [hex, record]),
      [['d1d2d3d4d5', 0]],
    );
  });

  it('random damage is a corrupt fault or another division, never another error and no endless scan', async () => {
    const { int, pick } = random(11);
    const framings: readonly Framing[] = [
      V,
      VB,
      VBS,
      { ...V, order: 'little', inclusive: false },
      { kind: 'gnucobol', variant: 2 },
      { kind: 'mf', variant: 0 },
    ];
    for (let round = 0; round < 3_000; round++) {
      const framing = pick(framings);
      const records = Array.from({ length: 1 + int(5) }, () => new Uint8Array(1 + int(20)).fill(0xc1));
      const file = written(records, framing, { blockSize: 40, longest: 50 });
      for (let i = 0; i <= int(3); i++) file[int(file.length)] = int(256);
      const cut = file.subarray(0, int(4) === 0 ? int(file.length) : file.length);
      try {
        const found = await scanned(cut, framing, { sliceBytes: 1 + int(40) });
        let behind = 0;
        for (const { extent } of found) {
          assert.ok(extent.offset >= behind);
          behind = extent.offset + extent.length;
        }
        assert.ok(behind <= cut.length);
      } catch (fault) {
        assert.ok(fault instanceof Fault && fault.kind === 'corrupt', String(fault));
        assert.ok((fault.place.byteOffset ?? -1) >= 0 && (fault.place.byteOffset ?? 0) <= cut.length);
      }
    }
  });
});
