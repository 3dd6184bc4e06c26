import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { folderWith } from '../config/written.ts';
import { ACCOUNT_CPY, overpunchOn } from './accounts.ts';

const UNION = `       01  REC.
           05  KIND       PIC X.
           05  OPENED     PIC 9(8).
           05  BODY-A     PIC X(4).
           05  BODY-B REDEFINES BODY-A PIC S9(7) COMP-3.
`;

function layoutOf(copybook: string, args: readonly string[]) {
  const folder = folderWith({ 'c.cpy': copybook });
  return overpunchOn(['layout', '--copybook', join(folder, 'c.cpy'), ...args]);
}

describe('layout', { concurrency: 4 }, () => {
  it('shows offsets, sizes, pictures and lines', async () => {
    const { code, out, err } = await layoutOf(ACCOUNT_CPY, []);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Account: 26 bytes, cp037\n/);
    assert.match(out, /^ +5 +14 {2}OWNER +3 {2}owner$|^ +5 +14 {2}OWNER .*owner$/m);
    assert.match(out, /^ +19 +4 {2}BALANCE +S9\(5\)V99 COMP-3 +6 {2}balance$/m);
    assert.match(out, /^ +24 +2 {2}FILLER +X\(2\) +10$/m);
  });

  it('suggests dates as flags', async () => {
    const { out } = await layoutOf(UNION.replace('OPENED', 'OPEN-DATE'), []);
    assert.match(out, /--field OPEN-DATE:date=yyyyMMdd/);
  });

  it('gives its lines as JSON', async () => {
    const { out } = await layoutOf(ACCOUNT_CPY, ['--json']);
    const { length, items } = JSON.parse(out);
    assert.equal(length, 26);
    const balance = items.find(({ path }: { path: string }) => path === 'balance');
    assert.deepEqual([balance.offset, balance.length, balance.legacyName], [19, 4, 'BALANCE']);
  });

  it('gives TypeScript of the JSON of a row', async () => {
    const { out } = await layoutOf(ACCOUNT_CPY, ['--typescript']);
    assert.match(out, /^export interface Account \{\n/);
    assert.match(out, /readonly owner: AccountOwner;/);
    assert.match(out, /readonly balance: string;/);
    assert.match(out, /export interface AccountOwner \{\n.*\n {2}readonly first: string;/);
  });

  it('gives JSON Schema without references to OpenAPI', async () => {
    const { out } = await layoutOf(ACCOUNT_CPY, ['--json-schema']);
    const schema = JSON.parse(out);
    assert.equal(schema.title, 'Account');
    assert.equal(schema.properties.owner.$ref, '#/$defs/AccountOwner');
    assert.equal(schema.$defs.AccountOwner.properties.first.maxLength, 6);
  });

  it('gives GraphQL types, a REDEFINES with rules as a union', async () => {
    const { code, out, err } = await layoutOf(UNION, [
      ...['--graphql', '--variant', "BODY-A=kind eq 'A'", '--variant', 'BODY-B=otherwise'],
    ]);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /type Rec \{/);
    assert.match(out, /union \w+ = \w+ \| \w+/);
  });

  it('names a mistake in the copybook with file, line and caret, exit code 1', async () => {
    const { code, out, err } = await layoutOf('       01  A.\n           05  B PCI X.\n', []);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /c\.cpy, line 2, column 18.*\n.*\n +\^/);
  });

  it('takes one form at a time, exit code 2', async () => {
    const { code, err } = await layoutOf(ACCOUNT_CPY, ['--json', '--graphql']);
    assert.equal(code, 2);
    assert.match(err, /do not go together/);
  });
});
