import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { ledgerModel } from './ledger-model.ts';

it('the saved model of the demo’s ledger is what its SQL Server says today; "npm run generate" writes it anew', async () => {
  const saved = join(import.meta.dirname, '..', '..', 'schemas', 'ledger.model.json');
  assert.equal(await ledgerModel(), readFileSync(saved, 'utf8'));
});
