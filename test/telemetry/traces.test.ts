import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startScripted } from '../fakes/scripted-http.ts';
import { watchedBank } from './bank.ts';
import { startCollector } from './collector.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;

describe('traces', () => {
  it('a client is continued: the request is a span below its own, and every call of a source one below the request', async (t) => {
    await using collector = await startCollector();
    const bank = await watchedBank(t, () => ({
      traces: { endpoint: collector.endpoint, headers: { 'x-key': 'k' }, ratio: 1 },
    }));
    const headers = { traceparent: TRACEPARENT, tracestate: 'vendor=opaque' };
    const answer = await bank.graphql(
      '{ accounts { items { no customer { name score { customerId } } } } }',
      headers,
    );
    assert.equal(JSON.stringify(answer).includes('Ada'), true);
    await (await bank.get('/api/customers/1', headers)).text();
    await bank.end();

    const spans = collector.spans();
    for (const { traceId, traceState } of spans)
      assert.deepEqual([traceId, traceState], [TRACE, 'vendor=opaque']);
    const [graphql = assert.fail(), rest = assert.fail(), ...none] = spans.filter(({ kind }) => kind === 2);
    assert.deepEqual(none, []);
    assert.deepEqual([graphql.name, graphql.parentSpanId], ['POST /graphql', PARENT]);
    assert.deepEqual([rest.name, rest.parentSpanId], ['GET /api/customers/{key}', PARENT]);
    assert.equal(rest.attributes['http.route'], '/api/customers/{key}');
    const below = (id: string) =>
      spans.filter(({ parentSpanId }) => parentSpanId === id).map(({ name }) => name);
    assert.deepEqual(below(graphql.spanId).toSorted(), [
      'read bank.accounts',
      'read bank.customers',
      'read scoring.scores',
    ]);
    assert.deepEqual(below(rest.spanId), ['read bank.customers']);
    const call = spans.find(({ name }) => name === 'read bank.accounts');
    assert.deepEqual(
      [call?.kind, call?.attributes['db.system.name'], call?.attributes['overpunch.rows']],
      [3, 'sqlite', 3],
    );
    assert.match(collector.text(), /"x-key":"k"/);
  });

  it('a failed call is an error, and so is a request of which the gateway is to blame; what clients get wrong is none', async (t) => {
    await using collector = await startCollector();
    await using service = await startScripted((_seen, res) => {
      res.writeHead(500);
      res.end('SECRET-TEXT');
    });
    const traces = { endpoint: collector.endpoint, headers: {}, ratio: 1 };
    const bank = await watchedBank(t, () => ({ traces }), service.url);
    assert.equal((await bank.get('/api/scores/1')).status, 502);
    assert.equal((await bank.get('/api/nothing/SECRET-TEXT')).status, 404);
    await bank.end();
    const spans = collector.spans();
    assert.deepEqual(
      spans.map(({ name, status, attributes }) => [name, status, attributes['error.type']]),
      [
        ['read scoring.scores', 2, 'upstream'],
        ['GET /api/scores/{key}', 2, '502'],
        ['GET other', 0, undefined],
      ],
    );
    assert.doesNotMatch(collector.text(), /SECRET-TEXT/);
  });

  it('traces that begin here are sent in the share that is configured; those of clients as they decided', async (t) => {
    await using collector = await startCollector();
    const bank = await watchedBank(t, () => ({
      traces: { endpoint: collector.endpoint, headers: {}, ratio: 0 },
    }));
    await (await bank.get('/api/customers')).text();
    await (await bank.get('/api/customers', { traceparent: TRACEPARENT.replace(/1$/, '0') })).text();
    await (await bank.get('/api/customers', { traceparent: TRACEPARENT })).text();
    await bank.end();
    assert.deepEqual(new Set(collector.spans().map(({ traceId }) => traceId)), new Set([TRACE]));
    assert.equal(collector.spans().length, 2);
  });

  it('a collector that refuses or is gone disturbs nobody, and the end does not wait for it for long', async (t) => {
    await using collector = await startCollector();
    const bank = await watchedBank(t, () => ({
      traces: { endpoint: collector.endpoint, headers: {}, ratio: 1 },
    }));
    collector.fails(0);
    for (let i = 0; i < 20; i++) assert.equal((await bank.get('/api/customers')).status, 200);
    const began = performance.now();
    await bank.end();
    assert.ok(performance.now() - began < 6_000, 'bounded');
  });

  it('a SOAP service learns of the trace by its header: of our span where there are spans, else of the client', async (t) => {
    await using collector = await startCollector();
    for (const traced of [true, false]) {
      await using service = await startScripted((_seen, res) => {
        res.writeHead(500);
        res.end();
      });
      const traces = { endpoint: collector.endpoint, headers: {}, ratio: 1 };
      const bank = await watchedBank(t, () => (traced ? { traces } : {}), service.url);
      await bank.get('/api/scores/1', { traceparent: TRACEPARENT, tracestate: 'vendor=opaque' });
      await bank.get('/api/scores/1', { traceparent: `${TRACEPARENT}-more` });
      await bank.end();
      const [first, second] = service.seen
        .filter(({ method }) => method === 'POST')
        .map(({ headers }) => headers);
      assert.equal(first?.['tracestate'], 'vendor=opaque');
      if (traced) {
        const span = collector
          .spans()
          .find(({ spanId }) => first?.['traceparent'] === `00-${TRACE}-${spanId}-01`);
        assert.equal(span?.name, 'read scoring.scores');
        assert.match(String(second?.['traceparent']), /^00-(?!4bf92f)/);
      } else {
        assert.equal(first?.['traceparent'], TRACEPARENT);
        assert.equal(second?.['traceparent'], undefined, 'what is no traceparent is not passed on');
      }
    }
  });

  it('the log names the trace of a request, with or without spans', async (t) => {
    const bank = await watchedBank(t, () => ({}));
    await (await bank.get('/api/customers', { traceparent: TRACEPARENT })).text();
    await bank.end();
    const line = bank.log.map((text) => JSON.parse(text)).find(({ event }) => event === 'request');
    assert.deepEqual([line.traceId, line.route], [TRACE, '/api/customers']);
  });
});
