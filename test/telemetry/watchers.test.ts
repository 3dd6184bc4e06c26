import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { hashOfKey, newKey } from '../../src/auth/key.ts';
import { overpunch, serving } from '../cli/overpunch.ts';

const folder = mkdtempSync(join(tmpdir(), 'overpunch-watchers-'));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'rates.txt'), 'EUR0.93\nUSD1.07\n');
writeFileSync(
  join(folder, 'rates.json'),
  JSON.stringify([
    { name: 'code', start: 0, width: 3 },
    { name: 'rate', start: 3, width: 4 },
  ]),
);
let files = 0;

const OPS = newKey();
const APP = newKey();

function configuration(telemetry: string): string {
  const file = join(folder, `overpunch-${files++}.yaml`);
  writeFileSync(
    file,
    `access:
  clients:
    ops: { roles: [operator], keys: [{ sha256: "${hashOfKey(OPS)}" }] }
    app: { roles: [reader], keys: [{ sha256: "${hashOfKey(APP)}" }] }
roles:
  operator: {}
  reader: { collections: { rates: read } }
telemetry:
  ${telemetry}
sources:
  office:
    adapter: file
    collections:
      rates: { path: rates.txt, parseMap: rates.json, charset: utf-8, records: { format: text }, key: [code] }
`,
  );
  return file;
}

async function served(t: TestContext, telemetry: string) {
  const gateway = await serving(['-c', configuration(telemetry), '--port', '0']);
  t.after(async () => {
    gateway.child.kill('SIGTERM');
    await gateway.ended;
  });
  return gateway;
}

const as = (key: string): RequestInit => ({ headers: { 'x-api-key': key } });

describe('who watches the gateway', () => {
  it('finds metrics and the health on a port of their own, without credentials, on this machine alone', async (t) => {
    const gateway = await served(t, 'metrics: { port: 0 }');
    const url = /Metrics\s+(http:\/\/127\.0\.0\.1:\d+)\/metrics/.exec(gateway.out())?.[1] ?? assert.fail();
    await (await fetch(`${gateway.url}/api/rates`, as(APP))).text();
    const metrics = await fetch(`${url}/metrics`);
    assert.equal(metrics.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    const text = await metrics.text();
    assert.match(text, /^overpunch_http_request_duration_seconds_count\{.*route="\/api\/rates".*\} 1$/m);
    assert.match(
      text,
      /^overpunch_source_call_duration_seconds_count\{source="office",what="read",outcome="ok"\} 1$/m,
    );
    assert.match(text, /^overpunch_source_rows_total\{source="office",what="read"\} 2$/m);
    assert.match(text, /^overpunch_source_breaker_state\{source="office",state="closed"\} 1$/m);
    assert.match(text, /^overpunch_source_up\{source="office",adapter="file"\} 1$/m);
    assert.deepEqual(await (await fetch(`${url}/health/live`)).json(), { state: 'up' });
    assert.match(await (await fetch(`${url}/health`)).text(), /"source":"office"/);
    assert.equal((await fetch(`${url}/api/rates`)).status, 404);
    assert.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 405);
    assert.equal((await fetch(`${gateway.url}/metrics`, as(OPS))).status, 404, 'and not at the API');
  });

  it('finds metrics at the API with a role that may read them, and with no other', async (t) => {
    const gateway = await served(t, 'metricsRoles: [operator]');
    assert.doesNotMatch(gateway.out(), /Metrics/);
    assert.equal((await fetch(`${gateway.url}/metrics`)).status, 401);
    assert.equal((await fetch(`${gateway.url}/metrics`, as(APP))).status, 403);
    const seen = await fetch(`${gateway.url}/metrics`, as(OPS));
    assert.equal(seen.status, 200);
    assert.match(await seen.text(), /^overpunch_build_info/m);
  });

  it('finds audit records in a file, or on standard output between nothing else, with the client and its roles', async (t) => {
    const toFile = await served(t, 'audit: { file: audit.jsonl }');
    const toOut = await served(t, 'audit: { file: "-" }');
    for (const { url } of [toFile, toOut]) await (await fetch(`${url}/api/rates`, as(APP))).text();
    for (const gateway of [toFile, toOut]) {
      gateway.child.kill('SIGTERM');
      const { code } = await gateway.ended;
      assert.equal(code, 0);
    }
    const told = toOut
      .out()
      .split('\n')
      .find((line) => line.startsWith('{'));
    for (const text of [readFileSync(join(folder, 'audit.jsonl'), 'utf8'), told ?? '']) {
      const { client, roles, by, action, target, rows } = JSON.parse(text);
      assert.deepEqual(
        [client, roles, by, action, target, rows],
        ['app', ['reader'], 'key', 'read', 'rates', 2],
      );
    }
    assert.doesNotMatch(toFile.err() + toOut.err(), /"action"/);
  });

  it('a file of records that cannot be opened, and a port that is taken, stop the start and say so', async (t) => {
    const bad = await overpunch([
      'serve',
      '-c',
      configuration('audit: { file: no/such/folder/audit.jsonl }'),
      '--port',
      '0',
    ]);
    assert.deepEqual([bad.code, bad.err.trim()], [1, 'The file of audit records cannot be opened: ENOENT']);
    const first = await served(t, 'metrics: { port: 0 }');
    const port = /:(\d+)\/metrics/.exec(first.out())?.[1] ?? '';
    const second = await overpunch([
      'serve',
      '-c',
      configuration(`metrics: { port: ${port} }`),
      '--port',
      '0',
    ]);
    assert.equal(second.code, 1);
    assert.match(second.err, /another program listens there/);
  });

  it('a role that nobody defines may not read metrics: that is a mistake with its place', async () => {
    const { code, err } = await overpunch(['check', '-c', configuration('metricsRoles: [operater]')]);
    assert.equal(code, 1);
    assert.match(err, /telemetry\.metricsRoles\[0\]: `roles` defines no role "operater".*"operator"/);
  });

  it('a log that nobody reads any more ends nothing', async (t) => {
    const gateway = await served(t, 'metrics: { port: 0 }');
    gateway.child.stderr?.destroy();
    for (let i = 0; i < 20; i++) assert.equal((await fetch(`${gateway.url}/api/rates`, as(APP))).status, 200);
  });
});
