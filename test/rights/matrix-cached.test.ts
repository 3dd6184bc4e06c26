// The same again where answers are kept: what one role was answered another must not get from memory.

import { describe } from 'node:test';
import { readingMatrix } from './matrix/reading.ts';
import { openBank } from './matrix/serving.ts';
import { sharedMatrix } from './matrix/shared.ts';

const COLLECTIONS = ['customers', 'accounts', 'postings', 'alerts', 'vault'];
const KEPT = { maxAgeMs: 600_000, staleIfErrorMs: 600_000 };
const FRESHNESS = `freshness: ${JSON.stringify({
  collections: Object.fromEntries(COLLECTIONS.map((name) => [name, KEPT])),
  operations: { rateOf: KEPT },
})}`;

describe('answers that are kept', () => {
  readingMatrix(() => openBank(FRESHNESS));
});
describe('questions that are asked again where answers are kept', () => {
  sharedMatrix(() => openBank(FRESHNESS), FRESHNESS);
});
