// What roles are told of changes as they happen: over REST and as a subscription the same, of their own rows and fields alone.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EventStream } from '../http/event-stream.ts';
import { ASKERS, type Asker, askerOf, meansOf, UNCLAIMED } from './matrix/roles.ts';
import { ownBank, search } from './matrix/serving.ts';

const admin = askerOf('admin');
const DOCUMENT = 'subscription { alertsChanges { kind key { id } node { id branch text } changed } }';

/** Whatever is told until the row that marks the end. */
async function until(stream: EventStream, end: string): Promise<readonly string[]> {
  const told: string[] = [];
  for (;;) {
    const { event, data } = await stream.next();
    const text = JSON.stringify(data);
    told.push(`${event} ${text}`);
    if (text.includes(end) || event === 'fault' || event === 'complete') return told;
  }
}

describe('changes', () => {
  it('are told to a role as far as they concern its rows and fields, over both surfaces', async (t) => {
    const bank = await ownBank(t);
    const teller = askerOf('tellerA');
    using events = await bank.listen(teller, '/api/alerts/changes');
    using subscription = await bank.listen(teller, '/graphql', { query: DOCUMENT });
    assert.deepEqual([events.status, subscription.status], [200, 200]);
    await events.next();
    await subscription.next();
    const make = (id: string, branch: string) =>
      bank.ask(admin, '/api/alerts', {
        method: 'POST',
        body: { id, custId: 'cust01', branch, text: `text-of-${id}`, secretNo: `scrt-of-${id}` },
      });
    const change = (id: string, body: object) =>
      bank.ask(admin, `/api/alerts/${id}`, { method: 'PATCH', body });
    await make('alrtB1', 'br-B');
    await make('alrtA1', 'br-A');
    await change('alrtB1', { text: 'text-changed-B' });
    await change('alrtA1', { secretNo: 'scrt-changed-A' });
    await change('alrtA1', { text: 'text-changed-A' });
    await bank.ask(admin, '/api/alerts/alrtB1', { method: 'DELETE' });
    await change('alrtA1', { branch: 'br-B', text: 'text-moved' });
    await change('alrtA1', { branch: 'br-A', text: 'text-back' });
    await make('alrtZZ', 'br-A');

    for (const told of [await until(events, 'alrtZZ'), await until(subscription, 'alrtZZ')]) {
      const all = told.join('\n');
      assert.doesNotMatch(all, /alrtB1|br-B|scrt|secretNo|text-changed-B|text-moved/);
      assert.match(all, /text-of-alrtA1/);
      assert.match(all, /text-changed-A/);
      assert.match(all, /text-back/);
      search(teller, all, '');
    }
  });

  for (const asker of ASKERS) {
    const watches = meansOf(asker, 'alerts')?.watch === true;
    it(`${asker.name} ${watches ? 'watches' : 'finds nothing to watch in'} alerts`, async (t) => {
      const bank = await ownBank(t);
      const path = '/api/alerts/changes';
      const headers = { accept: 'application/x-ndjson' };
      const { status, text } = await bank.ask(asker, path, { headers });
      assert.equal(status, watches ? 200 : 404, text);
      if (watches) return;
      const reply = await bank.graphql(asker, DOCUMENT);
      assert.equal(reply.kind, 'invalid', reply.text);
    });
  }

  it('are refused to who lacks the claim of the rule', async (t) => {
    const bank = await ownBank(t);
    const asker: Asker = UNCLAIMED;
    const { status, code } = await bank.ask(asker, '/api/alerts/changes');
    assert.deepEqual([status, code], [403, 'missing-claim']);
  });
});
