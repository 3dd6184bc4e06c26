// The demo's hosts, real servers on sockets, of which some are unplugged in the middle: the last good answer is served and says how old it is.

import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { adapters } from '../../adapters/index.ts';
import { folderWith } from '../config/written.ts';
import { LEDGER_LOGIN, startLedger } from '../fakes/ledger.ts';
import { MAINFRAME_LOGIN, startMainframe } from '../fakes/mainframe.ts';
import { type ScoringService, startScoring } from '../fakes/scoring-service.ts';
import type { SftpServer } from '../fakes/sftp/server.ts';
import type { StandIn } from '../fakes/tds/server.ts';
import { type Both, serveBoth } from '../parity/both.ts';

const root = join(import.meta.dirname, '..', '..');

const FRESHNESS = `
freshness:
  collections:
    transactions: { maxAgeMs: 150, staleIfErrorMs: 3600000 }
    scores: { maxAgeMs: 3600000 }
    branches: { maxAgeMs: 150, staleWhileRevalidateMs: 3600000 }
policy: { source: { retries: 0, timeoutMs: 3000 } }
`;

describe('with hosts unplugged', () => {
  let ledger: StandIn;
  let mainframe: SftpServer;
  let scoring: ScoringService;
  let both: Both;
  before(async () => {
    [ledger, mainframe, scoring] = await Promise.all([startLedger(), startMainframe(), startScoring()]);
    const demo = readFileSync(join(root, 'overpunch.yaml'), 'utf8');
    const own = demo
      .replace('port: 4011', `port: ${ledger.port}`)
      .replace('port: 4012', `port: ${mainframe.port}`)
      .replace('http://127.0.0.1:4010/scoring', scoring.url);
    const folder = folderWith({ 'overpunch.yaml': own + FRESHNESS });
    for (const part of ['fixtures', 'schemas'])
      cpSync(join(root, part), join(folder, part), { recursive: true, preserveTimestamps: true });
    both = await serveBoth(join(folder, 'overpunch.yaml'), adapters, {
      LEDGER_PASSWORD: LEDGER_LOGIN.password,
      MAINFRAME_PASSWORD: MAINFRAME_LOGIN.password,
    });
  });
  after(async () => {
    await both?.[Symbol.asyncDispose]();
    await mainframe[Symbol.asyncDispose]();
    await unplug();
  });

  let plugged = true;
  const unplug = async () => {
    if (plugged) await Promise.all([ledger[Symbol.asyncDispose](), scoring[Symbol.asyncDispose]()]);
    plugged = false;
  };

  const LIST = 'transactions?select=txnId,amount&first=5&count=true';
  const WITH_RELATIONS =
    'customers?first=4&select=custId,transactions.txnId,score.grade&include=transactions,score';
  const FIELDS =
    'customers(first: 4) { items { custId transactions(first: 3) { items { txnId amount } } score { grade } } }';
  const statusOf = ({ headers }: { readonly headers: Headers }) => headers.get('cache-status');

  it('the last good answer is served on both surfaces, relations and counts too, and says how old it is', async () => {
    const first: string = (await both.rest('transactions?first=1')).body.value[0].txnId;
    const asked = async () => ({
      list: await both.rest(LIST),
      item: await both.rest(`transactions/${first}`),
      tree: await both.rest(WITH_RELATIONS),
      graphql: await both.graphql(FIELDS),
      lines: await both.rest('transactions?first=3&select=txnId', { accept: 'application/x-ndjson' }),
      csv: await both.rest('transactions?first=3&select=txnId', { accept: 'text/csv' }),
    });
    const good = await asked();
    for (const [name, { status, text }] of Object.entries(good))
      assert.equal(status, 200, `${name}: ${text}`);
    assert.equal(statusOf(good.list), 'overpunch; fwd=miss');
    assert.equal(good.graphql.body.errors, undefined);
    assert.deepEqual(
      good.graphql.body.extensions.sources.map((one: { source: string; cache?: string }) => [
        one.source,
        one.cache,
      ]),
      [
        ['ledger', 'miss'],
        ['mainframe', undefined],
        // The same rows as the list over REST has asked for.
        ['scoring', 'hit'],
      ],
    );

    await unplug();
    await wait(1_100);

    const old = await asked();
    for (const [name, { status, text }] of Object.entries(old)) {
      assert.equal(status, 200, `${name}: ${text}`);
      if (name !== 'graphql') assert.equal(text, good[name as keyof typeof good].text, name);
    }
    // The same bytes have the same ETag, however old they are.
    assert.equal(old.list.headers.get('etag'), good.list.headers.get('etag'));
    for (const one of [old.list, old.item, old.lines, old.csv]) {
      assert.match(statusOf(one) ?? '', /^overpunch; fwd=stale; fwd-status=50[234]; ttl=-\d+; detail=\w+$/);
      assert.ok(Number(one.headers.get('age')) >= 1);
    }
    assert.equal(old.list.headers.get('x-as-of'), good.list.headers.get('x-as-of'));
    assert.match(statusOf(old.tree) ?? '', /fwd=stale/);
    assert.deepEqual(old.graphql.body.data, good.graphql.body.data);
    const { sources } = old.graphql.body.extensions;
    assert.deepEqual(
      sources.map((one: { source: string; cache?: string }) => [one.source, one.cache]),
      [
        ['ledger', 'stale'],
        ['mainframe', undefined],
        ['scoring', 'hit'],
      ],
    );
    assert.equal(sources[0].asOf, good.graphql.body.extensions.sources[0].asOf);
  });

  it('what was never asked before has no answer: the fault is told', async () => {
    const { status, body } = await both.rest('transactions?select=txnId&first=7');
    assert.ok(status === 503 || status === 504 || status === 502, String(status));
    assert.equal(body.source, 'ledger');
  });

  it('a client that has the old answer is told that it has it', async () => {
    const { headers } = await both.rest(LIST);
    const again = await both.rest(LIST, { 'if-none-match': headers.get('etag') ?? '' });
    assert.equal(again.status, 304);
    assert.match(statusOf(again) ?? '', /fwd=stale/);
  });

  it('an answer past its age is given while its source is asked behind it, and the next is fresh', async () => {
    const ask = () => both.rest('branches?first=2');
    assert.equal(statusOf(await ask()), 'overpunch; fwd=miss');
    assert.match(statusOf(await ask()) ?? '', /^overpunch; hit; ttl=0$/);
    await wait(200);
    assert.equal(statusOf(await ask()), 'overpunch; hit; ttl=-1; detail=revalidating');
    for (let i = 0; i < 200; i++) {
      if ((statusOf(await ask()) ?? '').endsWith('ttl=0')) return;
      await wait(5);
    }
    assert.fail('it was never fresh again');
  });
});
