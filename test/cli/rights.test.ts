// `overpunch rights`, and what is said of roles that are wrong.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { folderWith } from '../config/written.ts';
import { overpunch } from './overpunch.ts';

const BANK = `sources:
  core:
    adapter: memory
    collections:
      customers:
        key: [id]
        writes: [insert, update, upsert, delete]
        fields: { id: int32, branch: string, name: string, ssn: string, phone: string }
        rows: [{ id: 1, branch: N, name: X, ssn: "123-45-6789" }]
      accounts:
        key: [no]
        fields: { no: int64, custId: int32, balance: "decimal(9,2)" }
        rows: []
      audits:
        fields: { id: int32 }
        rows: []
relations: { customers.accounts: { to: accounts, on: { id: custId } } }
access:
  clients: { web: { roles: [teller], claims: { branch: N }, keys: [] } }
`;

const ROLES = `roles:
  teller:
    collections:
      customers:
        write: [insert, update]
        rows: branch eq @claims.branch
        fields: { except: [name] }
        mask: { ssn: lastFour }
        readOnly: [branch]
      accounts: read
  auditor:
    collections:
      customers: read
`;

async function ran(text: string, ...args: readonly string[]) {
  const file = join(folderWith({ 'c.yaml': text }), 'c.yaml');
  const { code, out, err } = await overpunch(['rights', '-c', file, ...args]);
  return { code, out, err: err.replaceAll(file, 'c.yaml') };
}

describe('rights', () => {
  it('says what a role may do with each collection, and what comes to nothing', async () => {
    const { code, out, err } = await ran(BANK + ROLES, '--role', 'teller');
    assert.deepEqual(out.split('\n'), [
      'role teller',
      '',
      'customers (core): read, watch, update',
      '  rows       branch eq @claims.branch',
      '  claims     branch',
      '  key        id',
      '  fields     id, branch, ssn, phone',
      '  masked     ssn (lastFour)',
      '  read-only  branch',
      '  hidden     name',
      '  relations  accounts',
      '  note       no insert: "branch" must be given and may not be written',
      '',
      'accounts (core): read',
      '  rows       all',
      '  key        no',
      '  fields     no, custId, balance',
      '  relations  customer (customers)',
      '',
      'operations: none',
      'not for it: audits',
      '',
    ]);
    assert.equal(err, '');
    assert.equal(code, 0);
  });

  it('of several roles it says what one caller may do who has all of them', async () => {
    const { out } = await ran(BANK + ROLES, '--role', 'teller', '--role', 'auditor');
    const lines = out.split('\n');
    assert.equal(lines[0], 'roles teller, auditor');
    assert.ok(lines.includes('customers (core): read, watch'));
    assert.ok(lines.includes('  rows       all'));
    assert.ok(lines.includes('  note       no update: not all of the roles have it, and their rows differ'));
  });

  it('writes JSON for programs', async () => {
    const { out } = await ran(BANK + ROLES, '--role', 'teller', '--json');
    const json: unknown = JSON.parse(out);
    assert.ok(typeof json === 'object' && json !== null && 'collections' in json);
    assert.ok(Array.isArray(json.collections));
    const { name, rows, writes, fields } = json.collections[0];
    assert.deepEqual(
      { name, rows, writes },
      { name: 'customers', rows: ['branch eq @claims.branch'], writes: ['update'] },
    );
    assert.deepEqual(fields[2], { path: 'ssn', type: 'string', mask: 'lastFour', readOnly: true });
  });

  it('a role that does not exist ends with 1 and the nearest one', async () => {
    const { code, err } = await ran(BANK + ROLES, '--role', 'telle');
    assert.equal(err, 'There is no role "telle". Did you mean "teller"?\n');
    assert.equal(code, 1);
  });

  it('says that roles do not count where everybody may do everything', async () => {
    const open = `${BANK.replace(/access:\n.*\n/, 'access: { development: true }\n')}${ROLES}`;
    const { err } = await ran(open, '--role', 'teller');
    assert.match(err, /everybody may do everything/);
  });

  it('mistakes in roles and a weak key are problems at their place in the file', async () => {
    const wrong = `roles:
  teller:
    collections:
      custmers: read
      customers:
        fields: [id, nme]
        rows: brunch eq 'N'
        mask: { ssn: year }
    operations: [score]
`;
    const keyed = BANK.replace('access:\n', 'access:\n  maskKey: { env: MASK }\n');
    const file = join(folderWith({ 'c.yaml': keyed + wrong }), 'c.yaml');
    const { code, err } = await overpunch(['check', '-c', file], { MASK: 'short' });
    assert.deepEqual(err.replaceAll(file, 'c.yaml').split('\n'), [
      'c.yaml:19:12 access.maskKey: expected a key of at least 32 characters',
      'c.yaml:24:17 roles.teller.collections.custmers: There is no collection "custmers". Did you mean "customers"?',
      'c.yaml:26:22 roles.teller.collections.customers.fields[1]: "customers" has no field "nme". Did you mean "name"?',
      'c.yaml:28:22 roles.teller.collections.customers.mask.ssn: "ssn" is not among the fields of the role, so there is nothing to mask',
      'c.yaml:27:15 roles.teller.collections.customers.rows: There is no field "brunch". Did you mean "branch"? (at character 0 of the filter)',
      'c.yaml:29:18 roles.teller.operations[0]: There is no operation "score".',
      '6 problems',
      '',
    ]);
    assert.equal(code, 1);
  });
});
