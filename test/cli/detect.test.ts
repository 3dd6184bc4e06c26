import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { folderWith } from '../config/written.ts';
import { ACCOUNT_CPY, accounts, overpunchOn } from './accounts.ts';

describe('detect', { concurrency: 4 }, () => {
  it('names format and charset with scores, evidence and the options to set', async () => {
    const folder = folderWith({ 'a.cpy': ACCOUNT_CPY, ACCOUNTS: accounts(500) });
    const args = ['--copybook', join(folder, 'a.cpy'), join(folder, 'ACCOUNTS')];
    const { code, out, err } = await overpunchOn(['detect', ...args]);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Record format:\n {2}[01]\.\d\d {2}F\n {8}\S/);
    assert.match(out, /Character set:\n {2}[01]\.\d\d {2}cp\d+\b.*\n {8}\S/);
    assert.match(out, /records: \{ format: F \}/);
    const [command = ''] = /overpunch convert .*/.exec(out) ?? [];
    const { code: converted } = await overpunchOn(command.split(' ').slice(1));
    assert.equal(converted, 0, 'what it says to do works');
  });

  it('looks at lines of text without a copybook, and gives JSON', async () => {
    const text = 'A line of text, 12345\nAnd another one, 678\n'.repeat(50);
    const { code, out } = await overpunchOn(['detect', '--json', '-'], { stdin: text });
    assert.equal(code, 0);
    const { fileSize, framings } = JSON.parse(out);
    assert.equal(fileSize, text.length);
    assert.equal(framings[0].options.format, 'text');
  });

  it('knows the charset of other compilers by the file, and what was said about the copybook', async () => {
    const folder = folderWith({ 'a.cpy': ACCOUNT_CPY, LINES: `${'00042FirstxLast'.padEnd(20)}\n`.repeat(9) });
    const args = ['--dialect', 'gnucobol', '--field', 'KIND:trim=none', '--copybook', join(folder, 'a.cpy')];
    const { code, out, err } = await overpunchOn(['detect', ...args, join(folder, 'LINES')]);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /a\.cpy --dialect gnucobol --field KIND:trim=none --charset utf-8 --format text/);
  });

  it('says that a file is empty', async () => {
    const { code, out, err } = await overpunchOn(['detect', '-'], { stdin: '' });
    assert.deepEqual([code, out, err], [1, '', 'standard input is empty\n']);
  });

  it('believes a chain of lengths although the layout is that of one record type only', async () => {
    // Of two kinds of records, the copybook describes the one without numbers.
    const record = (kind: string, length: number): readonly number[] => [
      0,
      length + 4,
      0,
      0,
      ...new TextEncoder().encode(kind.padEnd(length, 'x')),
    ];
    const file = Uint8Array.from(Array.from({ length: 199 }, (_, i) => record('AB', i % 2 ? 20 : 16)).flat());
    const folder = folderWith({ 'a.cpy': '       01 R.\n          05 A PIC X(20).\n', V: file });
    const { out } = await overpunchOn(['detect', '--copybook', join(folder, 'a.cpy'), join(folder, 'V')]);
    assert.match(out, /^Record format:\n {2}0\.\d\d {2}V\n/);
  });

  it('names a file that is not there, exit code 1', async () => {
    const { code, err } = await overpunchOn(['detect', '/nowhere/at/all']);
    assert.equal(code, 1);
    assert.match(err, /there is no such file/);
  });
});
