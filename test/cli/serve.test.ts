import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { folderWith } from '../config/written.ts';
import { listenTo } from '../http/event-stream.ts';
import { overpunch, type Started, serving } from './overpunch.ts';

const BANK = `access: { development: true }
sources:
  core:
    adapter: memory
    collections:
      customers:
        key: [bank, custId]
        fields: { bank: string, custId: int64, balance: "decimal(11,2)" }
        rows: [{ bank: "a,b/c", custId: "1", balance: "10.50" }, { bank: x, custId: "2", balance: "0.00" }]
  ledger:
    adapter: memory
    collections:
      bookings:
        fields: { owner: int64, text: string }
        rows: [{ owner: "1", text: salary }, { owner: "1", text: rent }]
relations:
  customers.bookings: { to: bookings, on: { custId: owner } }
policy: { source: { reopenMs: 50 } }
`;
const file = join(folderWith({ 'c.yaml': BANK }), 'c.yaml');

const running = new Set<Started>();
after(() => {
  for (const { child } of running) child.kill('SIGKILL');
});
async function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const gateway = await serving(args, env);
  running.add(gateway);
  return gateway;
}

/** A request whose body is still on its way: it runs until `finish`. */
async function openRequest(url: string, agent?: Agent) {
  const body = JSON.stringify({ query: '{ customers { items { custId } } }' });
  const sent = request(`${url}/graphql`, {
    ...(agent === undefined ? {} : { agent }),
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': body.length },
  });
  const answer = once(sent, 'response').then(async ([response]) => {
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { status: Number(response.statusCode), connection: response.headers.connection, text };
  });
  sent.write(body.slice(0, 5));
  await once(sent, 'socket').then(([socket]) => (socket.connecting ? once(socket, 'connect') : undefined));
  return { finish: () => sent.end(body.slice(5)), answer };
}

/** A client that keeps its connections. */
class KeepingAgent extends Agent implements Disposable {
  constructor() {
    super({ keepAlive: true });
  }

  async get(url: string) {
    const sent = request(url, { agent: this });
    sent.end();
    const [response]: IncomingMessage[] = await once(sent, 'response');
    assert.ok(response);
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return { status: response.statusCode, connection: response.headers.connection, text };
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

describe('serve', () => {
  it('says where everything is, and three requests that can be pasted', async () => {
    const gateway = await start(['-c', file, '--port', '0']);
    for (const path of ['/graphql', '/docs', '/health']) {
      assert.ok(gateway.out().includes(`${gateway.url}${path}\n`), path);
      const response = await fetch(gateway.url + path, { headers: { accept: 'text/html' } });
      assert.equal(response.status, 200, path);
      assert.ok((await response.text()).length > 0, path);
    }
    const pasted = gateway.out().match(/^ {2}curl .*$/gm) ?? [];
    assert.equal(pasted.length, 3);
    const answers = [];
    for (const command of pasted) {
      const { stdout } = await promisify(execFile)('sh', ['-c', `${command.trim()} -s`]);
      answers.push(JSON.parse(stdout));
    }
    const [list, item, query] = answers;
    const first = { bank: 'a,b/c', custId: '1', balance: '10.50' };
    assert.deepEqual(list.value, [first]);
    assert.deepEqual(item, first);
    assert.equal(query.errors, undefined);
    assert.deepEqual(query.data.customers.items[0].bookings.items.length, 2);
    gateway.child.kill('SIGTERM');
    assert.equal((await gateway.ended).code, 0);
  });

  it('writes its log as JSON lines on standard error, without query strings', async () => {
    const gateway = await start(['-c', file, '--port', '0']);
    await (await fetch(`${gateway.url}/api/customers?bank=x`)).text();
    gateway.child.kill('SIGTERM');
    const { err } = await gateway.ended;
    const lines = err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ event }) => event),
      ['started', 'request', 'stopped'],
    );
    assert.equal(lines[1].route, '/api/customers');
    assert.equal(lines[1].status, 200);
    assert.equal(lines[2].reason, 'SIGTERM');
  });

  it('takes the port of the flag before PORT, and PORT before the configuration', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const address = free.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    free.close();
    await once(free, 'close');
    const configured = join(folderWith({ 'c.yaml': `${BANK}server: { port: ${port} }\n` }), 'c.yaml');

    const byConfiguration = await start(['-c', configured]);
    assert.equal(byConfiguration.url, `http://127.0.0.1:${port}`);
    const byEnvironment = await start(['-c', configured], { PORT: '0' });
    assert.notEqual(byEnvironment.url, byConfiguration.url);
    byConfiguration.child.kill('SIGTERM');
    await byConfiguration.ended;
    const byFlag = await start(['-c', file, '--port', String(port)], { PORT: '1' });
    assert.equal(byFlag.url, `http://127.0.0.1:${port}`);

    const second = await overpunch(['serve', '-c', file, '--port', String(port)], {
      OVERPUNCH_LOG: 'silent',
    });
    assert.equal(second.code, 1);
    assert.equal(second.err, `Cannot listen on 127.0.0.1, port ${port}: another program listens there\n`);
    byFlag.child.kill('SIGINT');
    assert.equal((await byFlag.ended).code, 0);
  });

  it('lets a request that is under way end after SIGTERM, takes no new one, and ends with 0', async () => {
    const gateway = await start(['-c', file, '--port', '0']);
    const open = await openRequest(gateway.url);
    // The server has the request once it has answered a later one on another connection.
    await fetch(`${gateway.url}/health/live`);
    gateway.child.kill('SIGTERM');
    await refusedSoon(gateway.url);
    open.finish();
    const { status, text } = await open.answer;
    assert.equal(status, 200);
    assert.match(text, /"custId":"1"/);
    const { code, err } = await gateway.ended;
    assert.equal(code, 0);
    assert.match(err, /"event":"stopped"/);
  });

  it('tells load balancers first: not ready, still answering, each answer the last of its connection; then nothing more', async () => {
    const slow = BANK.replace('policy: {', 'policy: { http: { drainDelayMs: 1500 },');
    const gateway = await start(['-c', join(folderWith({ 'c.yaml': slow }), 'c.yaml'), '--port', '0']);
    using agent = new KeepingAgent();
    const before = await agent.get(`${gateway.url}/health/ready`);
    assert.deepEqual([before.status, before.connection], [200, 'keep-alive']);
    gateway.child.kill('SIGTERM');
    let ready = before;
    for (let i = 0; i < 100 && ready.status === 200; i++)
      ready = await agent.get(`${gateway.url}/health/ready`);
    assert.deepEqual([ready.status, ready.connection], [503, 'close']);
    assert.match(ready.text, /"draining"/);
    assert.equal((await agent.get(`${gateway.url}/health/live`)).status, 200);
    const { status, connection } = await agent.get(`${gateway.url}/api/customers`);
    assert.deepEqual([status, connection], [200, 'close']);
    await refusedSoon(gateway.url);
    assert.equal((await gateway.ended).code, 0);
  });

  it('does not wait for connections on which nobody asks, and ends those of running requests with their answer', async () => {
    const patient = BANK.replace('policy: {', 'policy: { http: { drainMs: 600000 },');
    const gateway = await start(['-c', join(folderWith({ 'c.yaml': patient }), 'c.yaml'), '--port', '0']);
    using agent = new KeepingAgent();
    assert.equal((await agent.get(`${gateway.url}/health/live`)).connection, 'keep-alive');
    const open = await openRequest(gateway.url, agent);
    await fetch(`${gateway.url}/health/live`);
    gateway.child.kill('SIGTERM');
    await refusedSoon(gateway.url);
    open.finish();
    assert.equal((await open.answer).connection, 'close');
    assert.equal((await gateway.ended).code, 0);
  });

  it('does not wait for clients that watch changes: they are told, and where to go on', async () => {
    const folder = folderWith({
      // Whoever waited for them would wait for ten minutes.
      'c.yaml': `${BANK.replace('key: [bank', 'writes: [upsert]\n        key: [bank')}`.replace(
        'policy: {',
        'policy: { http: { drainMs: 600000 },',
      ),
    });
    const gateway = await start(['-c', join(folder, 'c.yaml'), '--port', '0']);
    using rest = await listenTo(`${gateway.url}/api/customers/changes`);
    const query = 'subscription { customersChanges { position } }';
    using graphql = await listenTo(`${gateway.url}/graphql`, {}, { query });
    const { id } = await rest.next();
    assert.equal((await graphql.next()).data.data.customersChanges.position, id);
    gateway.child.kill('SIGTERM');
    const { event, data } = await rest.next();
    assert.deepEqual([event, data.code, data.status], ['fault', 'stopping', 503]);
    assert.equal(await rest.block(), undefined);
    assert.equal((await graphql.next()).data.errors[0].extensions.code, 'stopping');
    assert.equal((await graphql.next()).event, 'complete');
    const { code, err } = await gateway.ended;
    assert.equal(code, 0);
    const lines = err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.filter(({ level, event }) => level !== 'info' && event !== 'started'),
      [],
      'nothing has gone wrong',
    );
    assert.equal(lines.find(({ route }) => route === '/api/customers/changes').events, 1);
  });

  it('ends at once at a second signal', async () => {
    const gateway = await start(['-c', file, '--port', '0']);
    const open = await openRequest(gateway.url);
    open.answer.catch(() => {});
    await fetch(`${gateway.url}/health/live`);
    gateway.child.kill('SIGTERM');
    await refusedSoon(gateway.url);
    // What follows within half a second is the same Ctrl-C, passed on by npm and by the terminal.
    gateway.child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(gateway.child.exitCode, null);
    gateway.child.kill('SIGTERM');
    assert.equal((await gateway.ended).code, 143);
  });

  it('starts while a source is down, says so, and takes it back when it is there', async () => {
    const folder = folderWith({
      'c.yaml': `${BANK.replace(
        'relations:',
        `  files:
    adapter: file
    collections:
      rates: { path: rates.txt, parseMap: rates.json, key: [code] }
relations:`,
      )}`,
      'rates.json': JSON.stringify([{ type: 'string', name: 'code', start: 0, width: 3 }]),
    });
    const gateway = await start(['-c', join(folder, 'c.yaml'), '--port', '0']);
    assert.match(gateway.out(), /Source files is down: /);
    const health = await fetch(`${gateway.url}/health`);
    const { sources } = await health.json();
    assert.deepEqual(
      sources.map(({ source, state }: { source: string; state: string }) => [source, state]),
      [
        ['core', 'up'],
        ['ledger', 'up'],
        ['files', 'down'],
      ],
    );
    assert.equal((await fetch(`${gateway.url}/api/customers`)).status, 200);
    assert.equal((await fetch(`${gateway.url}/api/rates`)).status, 503);

    writeFileSync(join(folder, 'rates.txt'), 'EUR\nUSD\n');
    let status = 0;
    for (let i = 0; i < 100 && status !== 200; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const response = await fetch(`${gateway.url}/api/rates/USD`);
      status = response.status;
    }
    assert.equal(status, 200);
    gateway.child.kill('SIGTERM');
    const { err } = await gateway.ended;
    assert.match(err, /"source":"files"[^\n]*"state":"up"/);
  });
});

/** Waits until the gateway takes no connection any more. */
async function refusedSoon(url: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    try {
      await fetch(`${url}/health/live`, { headers: { connection: 'close' } });
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail('the gateway still takes requests');
}
