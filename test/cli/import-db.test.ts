// `overpunch import db`, as a child process.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { overpunch } from './overpunch.ts';

const folder = mkdtempSync(join(tmpdir(), 'overpunch-import-db-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const database = new DatabaseSync(join(folder, 'bank.db'));
database.exec(`
  create table BRANCH (BRANCH_ID integer primary key, NAME text);
  create table ACCT (ACCT_NO text primary key, BRANCH_ID integer references BRANCH, "a b" decimal(9,2));
  create view BROKEN as select * from GONE;
`);
database.close();

const config = join(folder, 'overpunch.yaml');
writeFileSync(
  config,
  `sources:
  bank: { adapter: sqlite, file: bank.db, model: bank.model.json, collections: {} }
  plain: { adapter: sqlite, file: bank.db, collections: {} }
  gone: { adapter: sqlite, file: gone.db, model: gone.json, collections: {} }
  days: { adapter: memory, collections: {} }
`,
);

const run = (...args: readonly string[]) => overpunch(['import', 'db', ...args, '-c', config]);

describe('import db', () => {
  it('saves the model where the source looks for it, and prints what the configuration may name', async () => {
    const { code, out, err } = await run('bank');
    assert.deepEqual([code, err], [0, '']);
    assert.deepEqual(out.trimEnd().split('\n'), [
      'Saved bank.model.json',
      '2 tables and views, 0 routines, 1 thing left out',
      'collections:',
      '  acct: { table: ACCT }',
      '  branch: { table: BRANCH }',
      'relations:',
      '  acct.branch: { to: branch, on: { branchId: branchId } }',
      '# Nothing can be written but where the source says `readOnly: false` and a collection which `writes`. It could be:',
      '#   acct: { table: ACCT, writes: [insert, update, delete] }',
      '#   branch: { table: BRANCH, writes: [insert, update, upsert, delete] }',
      '# Left out:',
      '# BROKEN: its columns cannot be read (sql-error)',
    ]);
    const text = readFileSync(join(folder, 'bank.model.json'), 'utf8');
    assert.match(text, /"name": "a b"/);
    await run('bank');
    assert.equal(readFileSync(join(folder, 'bank.model.json'), 'utf8'), text);
  });

  it('saves it elsewhere with -o', async () => {
    const elsewhere = join(folder, 'elsewhere.json');
    assert.equal((await run('plain', '-o', elsewhere)).code, 0);
    assert.equal(readFileSync(elsewhere, 'utf8'), readFileSync(join(folder, 'bank.model.json'), 'utf8'));
  });

  it('leaves everything as it was when the database or the file cannot be reached', async () => {
    const before = readdirSync(folder);
    const gone = await run('gone');
    assert.equal(gone.code, 1);
    assert.notEqual(gone.err, '');
    const nowhere = await run('bank', '-o', join(folder, 'no', 'such', 'folder.json'));
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.err, /cannot be written \(ENOENT\)/);
    assert.deepEqual(readdirSync(folder), before);
  });

  it('names the nearest source for one that is not there, and what is missing', async () => {
    const wrong = await run('bnak');
    assert.deepEqual([wrong.code, /Did you mean "bank"/.test(wrong.err)], [2, true]);
    const other = await run('days');
    assert.deepEqual([other.code, /is no database \(adapter "memory"\)/.test(other.err)], [2, true]);
    const unnamed = await run('plain');
    assert.deepEqual([unnamed.code, /add `model` to it, or use -o/.test(unnamed.err)], [2, true]);
  });
});
