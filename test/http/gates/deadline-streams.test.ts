// Streams of changes outlive the deadline of a request on both surfaces; what the same request asks before the stream does not.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { adapters } from '../../../adapters/index.ts';
import { folderWith } from '../../config/written.ts';
import { serveBoth } from '../../parity/both.ts';
import { listenTo } from '../event-stream.ts';
import { send } from '../writing.ts';

const REQUEST_MS = 300;
const CONFIG = `
access: { development: true }
policy: { http: { requestMs: ${REQUEST_MS} } }
sources:
  core:
    adapter: memory
    collections:
      customers: { key: [custId], writes: [upsert], fields: { custId: int64, name: string }, rows: [] }
`;

describe('a stream of changes', () => {
  it('goes on behind the deadline of its request, by REST and by GraphQL', async () => {
    await using both = await serveBoth(join(folderWith({ 'c.yaml': CONFIG }), 'c.yaml'), adapters);
    using rest = await listenTo(`${both.url}/api/customers/changes`, { prefer: 'wait=1' });
    const query = 'subscription { customersChanges { kind node { name } } }';
    using graphql = await listenTo(`${both.url}/graphql`, {}, { query });
    await rest.next();
    await graphql.next();
    await new Promise((resolve) => setTimeout(resolve, 2 * REQUEST_MS));
    assert.equal((await send('PUT', `${both.url}/api/customers/1`, { name: 'Ann' })).status, 201);
    assert.equal((await rest.next()).event, 'insert');
    assert.equal((await graphql.next()).data.data.customersChanges.node.name, 'Ann');
  });
});
