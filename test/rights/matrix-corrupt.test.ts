// What does not decode is told with its bytes to who may see them, and without to who sees only a mask of it; who does not ask for it is not
// stopped by it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bankFiles } from './matrix/bank.ts';
import { askerOf } from './matrix/roles.ts';
import { ownBank } from './matrix/serving.ts';

const BYTES = '19QX0311';
const HEX = Buffer.from(BYTES).toString('hex');
const DAMAGED = {
  'customers.txt': (bankFiles()['customers.txt'] ?? '').replace('19610311', BYTES),
};

/** Both spellings of what must not be told, or must. */
const tells = (text: string): boolean =>
  text.includes(BYTES) || text.replaceAll(' ', '').toLowerCase().includes(HEX);

describe('a day of birth that does not decode', () => {
  it('is shown with its bytes to who sees the field', async (t) => {
    const bank = await ownBank(t, '', DAMAGED);
    const { status, code, text } = await bank.ask(askerOf('admin'), '/api/customers');
    assert.equal(status, 502, text);
    assert.ok(tells(text), `${code} ${text}`);
  });

  for (const name of ['tellerA', 'tellerAndAuditorC']) {
    it(`is told to ${name}, who sees only its year, without them`, async (t) => {
      const bank = await ownBank(t, '', DAMAGED);
      const asker = askerOf(name);
      const rest = await bank.ask(asker, '/api/customers');
      const item = await bank.ask(asker, '/api/customers/cust02');
      const graphql = await bank.graphql(asker, '{ customers { items { custId birth } } }');
      for (const { kind, text } of [rest, item, graphql]) {
        assert.equal(kind, 'corrupt', text);
        assert.ok(!tells(text), text);
      }
      assert.equal(graphql.body.data.customers.items[1].birth, null);
      assert.equal(graphql.body.data.customers.items[0].birth, '1960');
      for (const path of ['/api/customers?select=custId,name', '/api/customers?count=true&select=name']) {
        assert.equal((await bank.ask(asker, path)).status, 200, path);
      }
    });
  }
});

describe('a balance that does not decode', () => {
  it('is told to who does not see the key without the key of its row, over both surfaces alike', async (t) => {
    const bank = await ownBank(t);
    bank.spoil("update accounts set balance = 'much' where number = 'acct03'");
    const told = await bank.ask(askerOf('admin'), '/api/accounts');
    assert.equal(told.kind, 'corrupt', told.text);
    assert.match(told.text, /acct03/);
    const analyst = askerOf('analyst');
    const rest = await bank.ask(analyst, '/api/accounts');
    const graphql = await bank.graphql(analyst, '{ accounts { items { branch balance } } }');
    assert.deepEqual([rest.kind, graphql.kind], ['corrupt', 'corrupt'], rest.text + graphql.text);
    assert.doesNotMatch(rest.text + graphql.text, /acct/);
  });
});
