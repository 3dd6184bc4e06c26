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

  it('names a file that is not there, exit code 1', async () => {
    const { code, err } = await overpunchOn(['detect', '/nowhere/at/all']);
    assert.equal(code, 1);
    assert.match(err, /there is no such file/);
  });
});
