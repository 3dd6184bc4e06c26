// The same again where answers are kept: what one role was answered another must not get from memory.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readingMatrix } from './matrix/reading.ts';
import { askerOf } from './matrix/roles.ts';
import { openBank, ownBank } from './matrix/serving.ts';
import { sharedMatrix } from './matrix/shared.ts';

const COLLECTIONS = ['customers', 'accounts', 'postings', 'alerts', 'vault'];
const KEPT = { maxAgeMs: 600_000, staleIfErrorMs: 600_000 };
const FRESHNESS = `freshness: ${JSON.stringify({
  collections: Object.fromEntries(COLLECTIONS.map((name) => [name, KEPT])),
  operations: { rateOf: KEPT },
})}`;

it('answers are kept here', async (t) => {
  const bank = await ownBank(t, FRESHNESS);
  const statuses = [];
  for (let i = 0; i < 2; i++) {
    const { headers } = await bank.ask(askerOf('tellerA'), '/api/accounts');
    statuses.push(headers.get('cache-status')?.replace(/; ttl=.*/, ''));
    assert.equal(headers.get('vary'), 'Authorization, X-Api-Key, Accept');
  }
  assert.deepEqual(statuses, ['overpunch; fwd=miss', 'overpunch; hit']);
});

describe('answers that are kept', () => {
  readingMatrix(() => openBank(FRESHNESS));
});
describe('questions that are asked again where answers are kept', () => {
  sharedMatrix(() => openBank(FRESHNESS), FRESHNESS);
});
