import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { folderWith } from '../config/written.ts';
import { ACCOUNT_CPY, accounts, damage, overpunchOn } from './accounts.ts';

const SLIDING = `       01  ORDER-REC.
           05  LINES-NO   PIC 9.
           05  LINE-ITEM  OCCURS 0 TO 5 DEPENDING ON LINES-NO.
               10  QTY    PIC 9(2).
           05  TAIL       PIC X(2).
           05  TAIL-NO REDEFINES TAIL PIC 9(2).
`;

function files() {
  const folder = folderWith({
    'a.cpy': ACCOUNT_CPY,
    'o.cpy': SLIDING,
    ACCOUNTS: accounts(3),
    BAD: damage(accounts(3), 2),
    // Two records with RDWs: two lines and the tail 77, none and the tail 88.
    ORDERS: Buffer.concat([
      Buffer.from([0, 11, 0, 0]),
      Buffer.from('2112277'),
      Buffer.from([0, 7, 0, 0]),
      Buffer.from('088'),
    ]),
  });
  const at = (name: string): string => join(folder, name);
  return { at, base: ['inspect', '--copybook', at('a.cpy')] };
}

describe('inspect', { concurrency: 4 }, () => {
  it('shows every field with offset, length, picture, line, bytes and value in 100 columns', async () => {
    const { at, base } = files();
    const { code, out, err } = await overpunchOn([...base, '--record-number', '2', at('ACCOUNTS')]);
    assert.deepEqual([code, err], [0, '']);
    const [head, , ...lines] = out.trimEnd().split('\n');
    assert.equal(head, 'ACCOUNTS: record 2, offset 26, 26 bytes');
    assert.match(lines[0] ?? '', /^ +0 +5 {2}acctNo +9\(5\) +2 {2}F0 F0 F0 F0 F2 +2$/);
    assert.match(out, /^ +19 +4 {2}balance +S9\(5\)V99 COMP-3 +6 {2}00 00 25 0C +2\.50$/m);
    assert.ok(out.split('\n').every((line) => line.length <= 100));
  });

  it('marks what cannot be decoded, exit code 1', async () => {
    const { at, base } = files();
    const { code, out } = await overpunchOn([...base, '--offset', '30', at('BAD')]);
    assert.equal(code, 1);
    assert.match(out, /^BAD: record 2,/);
    assert.match(out, /balance .*12 34 AC 00 +! see below\n +! .*balance/);
  });

  it('gives everything as JSON, with the offsets of the bytes that are there', async () => {
    const { at } = files();
    const args = ['inspect', '--copybook', at('o.cpy'), '--charset', 'ascii', '--format', 'V', '--json'];
    const { code, out } = await overpunchOn([...args, at('ORDERS')]);
    assert.equal(code, 0);
    const { record, byteOffset, length, fields } = JSON.parse(out);
    assert.deepEqual([record, byteOffset, length], [1, 4, 7]);
    const scalars = fields.filter((field: object) => 'value' in field);
    assert.deepEqual(
      scalars.map((field: { path: string; offset: number; hex: string; value: unknown }) => [
        ...[field.path, field.offset, field.hex, field.value],
      ]),
      [
        ['linesNo', 0, '32', 2],
        ['lineItem[0].qty', 1, '3131', 11],
        ['lineItem[1].qty', 3, '3232', 22],
        ['tail', 5, '3737', '77'],
        ['tailNo', 5, '3737', 77],
      ],
    );
    const second = await overpunchOn([...args, '--record-number', '2', at('ORDERS')]);
    assert.deepEqual(
      JSON.parse(second.out).fields.map((field: { offset: number }) => field.offset),
      [0, 1, 1],
    );
  });

  it('shows the whole records of a file that is cut off, and says where it is', async () => {
    const folder = folderWith({ 'a.cpy': ACCOUNT_CPY, CUT: accounts(3).subarray(0, 70) });
    const args = ['inspect', '--copybook', join(folder, 'a.cpy')];
    const whole = await overpunchOn([...args, '--record-number', '2', join(folder, 'CUT')]);
    assert.match(whole.out, /^CUT: record 2, offset 26, 26 bytes/);
    const { code, err } = await overpunchOn([...args, '--record-number', '3', join(folder, 'CUT')]);
    assert.equal(code, 1);
    assert.match(err, /the last whole record ends at offset 52, 18 bytes remain/);
  });

  it('says once what is wrong with the whole record', async () => {
    const folder = folderWith({ 'a.cpy': ACCOUNT_CPY, V: Uint8Array.of(0, 7, 0, 0, 1, 2, 3) });
    const args = ['inspect', '--format', 'V', '--copybook', join(folder, 'a.cpy'), join(folder, 'V')];
    const { code, out } = await overpunchOn(args);
    assert.equal(code, 1);
    assert.equal(out.match(/The record has 3 bytes, but its layout has 26/g)?.length, 1);
  });

  it('says when there is no such record', async () => {
    const { at, base } = files();
    const { code, out, err } = await overpunchOn([...base, '--record-number', '4', at('ACCOUNTS')]);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /ACCOUNTS has 3 records\n$/);
    const behind = await overpunchOn([...base, '--offset', '78', at('ACCOUNTS')]);
    assert.match(behind.err, /ACCOUNTS has 3 records, which end before this offset\n$/);
  });
});
