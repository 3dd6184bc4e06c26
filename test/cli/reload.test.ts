// The configuration of a process that serves is changed as operators and their tools do it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, renameSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { folderWith } from '../config/written.ts';
import { type Started, serving, startOverpunch } from './overpunch.ts';

const QUICK = 'policy: { reload: { settleMs: 50, pollMs: 600000 } }\n';

/** A bank with so many customers. */
function bank(customers: number, more = ''): string {
  const rows = Array.from({ length: customers }, (_, i) => `{ id: "${i}" }`).join(', ');
  return `access: { development: true }
sources:
  core:
    adapter: memory
    collections:
      customers: { key: [id], fields: { id: int64 }, rows: [${rows}] }
${QUICK}${more}`;
}

/** The bank, and a database that nobody reaches. */
function withDatabase(customers: number, port = 1): string {
  const options = `host: 127.0.0.1, port: ${port}, user: u, database: d, password: { file: key }, tls: false`;
  return bank(customers).replace(
    'policy: {',
    `  closed: { adapter: postgres, ${options}, collections: { things: { table: things } } }
policy: { source: { checkMs: 1000, openMs: 1000 },`,
  );
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const running = new Set<Started>();
after(() => {
  for (const { child } of running) child.kill('SIGKILL');
});

async function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const gateway = await serving([...args, '--port', '0'], env);
  running.add(gateway);
  return {
    ...gateway,
    async customers(): Promise<number> {
      const response = await fetch(`${gateway.url}/api/customers`);
      assert.equal(response.status, 200);
      const { value } = await response.json();
      return value.length;
    },
    /** What the log says of readings, the oldest first. */
    reloads(): readonly { readonly problems: number; readonly notes: readonly string[] }[] {
      return gateway
        .err()
        .split('\n')
        .filter((line) => line.includes('"event":"reload"'))
        .map((line) => JSON.parse(line));
    },
    async stop(): Promise<void> {
      gateway.child.kill('SIGTERM');
      assert.equal((await gateway.ended).code, 0);
    },
  };
}

/** On a machine with much to do. */
const PATIENCE_MS = 30_000;

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (const began = performance.now(); performance.now() - began < PATIENCE_MS; ) {
    if (await what()) return;
    await wait(20);
  }
  assert.fail(`never: ${what}`);
}

describe('a changed configuration', () => {
  it('is served when the file is written in its place, and when an editor puts another in its place', async () => {
    const file = join(folderWith({ 'c.yaml': bank(1) }), 'c.yaml');
    const gateway = await start(['-c', file]);
    writeFileSync(file, bank(2));
    await until(async () => (await gateway.customers()) === 2);
    writeFileSync(`${file}~`, bank(3));
    renameSync(`${file}~`, file);
    await until(async () => (await gateway.customers()) === 3);
    // The log is written a moment behind what it tells.
    await until(() => gateway.reloads().length === 2);
    assert.deepEqual(
      gateway.reloads().map(({ problems, notes }) => [problems, notes]),
      [
        [0, ['source core has been opened anew']],
        [0, ['source core has been opened anew']],
      ],
    );
    await gateway.stop();
  });

  it('is served when Kubernetes puts another folder behind the links of its config map', async () => {
    const folder = folderWith({});
    for (const [version, text] of [['v1', bank(1)] as const, ['v2', bank(2)] as const]) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'c.yaml'), text);
    }
    symlinkSync('v1', join(folder, '..data'));
    symlinkSync(join('..data', 'c.yaml'), join(folder, 'c.yaml'));
    const gateway = await start(['-c', join(folder, 'c.yaml')]);
    assert.equal(await gateway.customers(), 1);
    symlinkSync('v2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    await until(async () => (await gateway.customers()) === 2);
    await gateway.stop();
  });

  it('that is half written, gone or wrong is refused with file, line and column, and the one before serves; reverted, all is well', async () => {
    const file = join(folderWith({ 'c.yaml': bank(1) }), 'c.yaml');
    const gateway = await start(['-c', file]);
    const told = async (count: number) => {
      await until(() => gateway.reloads().length === count);
      assert.equal(await gateway.customers(), 1);
      const { reload, state } = await (await fetch(`${gateway.url}/health`)).json();
      assert.equal(state, 'up');
      return [reload.problems, ...reload.notes];
    };
    truncateSync(file, bank(1).indexOf('fields: {') + 10);
    const [half, ...notes] = await told(1);
    assert.ok(half > 0);
    assert.match(notes[0], /c\.yaml:\d+:\d+: /);
    unlinkSync(file);
    assert.deepEqual(await told(2), [1, `${file}: there is no such file`]);
    writeFileSync(file, bank(5).replace('adapter: memory', 'adapter: memroy'));
    assert.match(String(await told(3)), /c\.yaml:4:14 sources\.core\.adapter: /);
    assert.match(gateway.err(), /"level":"error"[^\n]*"event":"reload"/);
    writeFileSync(file, bank(1));
    assert.deepEqual(await told(4), [0]);
    await gateway.stop();
  });

  it('is read at SIGHUP: a rotated secret is taken, by the source that it opens alone', async () => {
    const folder = folderWith({ key: 'opensesame', 'c.yaml': withDatabase(1) });
    const gateway = await start(['-c', join(folder, 'c.yaml'), '--no-watch']);
    writeFileSync(join(folder, 'key'), 'another');
    writeFileSync(join(folder, 'c.yaml'), bank(2));
    await wait(300);
    assert.deepEqual(gateway.reloads(), [], 'nobody looks at the file');
    writeFileSync(join(folder, 'c.yaml'), withDatabase(1));
    gateway.child.kill('SIGHUP');
    await until(() => gateway.reloads().length === 1);
    assert.deepEqual(gateway.reloads()[0]?.notes, ['source closed has been opened anew']);
    gateway.child.kill('SIGHUP');
    await until(() => gateway.reloads().length === 2);
    assert.deepEqual(gateway.reloads()[1]?.notes, []);
    assert.doesNotMatch(gateway.err() + gateway.out(), /opensesame|another/);
    await gateway.stop();
  });

  it('a rotated secret is noticed without a signal as well', async () => {
    const folder = folderWith({ key: 'opensesame', 'c.yaml': withDatabase(1) });
    const gateway = await start(['-c', join(folder, 'c.yaml')]);
    writeFileSync(join(folder, 'key'), 'another');
    await until(() => gateway.reloads().length === 1);
    assert.deepEqual(gateway.reloads()[0]?.notes, ['source closed has been opened anew']);
    await gateway.stop();
  });

  it('a signal while the gateway starts does not end it: the file is read again when it serves', async (t) => {
    // A host that takes connections and says nothing: the start waits for it.
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    t.after(() => silent.close());
    await once(silent, 'listening');
    const file = join(folderWith({ 'c.yaml': withDatabase(1, portOf(silent)), key: 'opensesame' }), 'c.yaml');
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const port = portOf(free);
    free.close();
    await once(free, 'close');
    const gateway = startOverpunch(['serve', '-c', file, '--port', String(port), '--no-watch']);
    running.add(gateway);
    const ready = async (): Promise<number> =>
      await fetch(`http://127.0.0.1:${port}/health/ready`).then(
        ({ status }) => status,
        () => 0,
      );
    await until(async () => (await ready()) === 503);
    assert.equal((await fetch(`http://127.0.0.1:${port}/health/live`)).status, 200);
    assert.equal((await fetch(`http://127.0.0.1:${port}/api/customers`)).status, 503);
    writeFileSync(file, bank(2));
    gateway.child.kill('SIGHUP');
    await gateway.says('/health\n');
    await until(() => gateway.err().includes('"event":"reload"'));
    assert.equal(await ready(), 200);
    const { value } = await (await fetch(`http://127.0.0.1:${port}/api/customers`)).json();
    assert.equal(value.length, 2);
    gateway.child.kill('SIGTERM');
    assert.equal((await gateway.ended).code, 0);
  });

  it('a changed copybook is noticed: the source is opened anew and shows its new fields', async () => {
    const folder = folderWith({
      'a.cpy': '       01 A.\n          05 NAME PIC X(3).\n          05 REST PIC X(3).\n',
      'a.txt': 'abcdef',
      'c.yaml': `access: { development: true }
sources:
  files:
    adapter: file
    collections:
      things: { path: a.txt, copybook: a.cpy, charset: utf-8, records: { format: F, length: 6 } }
${QUICK}`,
    });
    const gateway = await start(['-c', join(folder, 'c.yaml')]);
    const things = async () => (await (await fetch(`${gateway.url}/api/things`)).json()).value;
    assert.deepEqual(await things(), [{ name: 'abc', rest: 'def' }]);
    writeFileSync(
      join(folder, 'a.cpy'),
      '       01 A.\n          05 FIRST PIC X(2).\n          05 REST PIC X(4).\n',
    );
    await until(() => gateway.reloads().length === 1);
    assert.deepEqual(gateway.reloads()[0]?.notes, ['source files has been opened anew']);
    assert.deepEqual(await things(), [{ first: 'ab', rest: 'cdef' }]);
    writeFileSync(join(folder, 'a.cpy'), '       01 A.\n          05 FIRST PCI X(2).\n');
    await until(() => gateway.reloads().length === 2);
    assert.match(
      gateway.reloads()[1]?.notes.join() ?? '',
      /c\.yaml:6:\d+ sources\.files\.collections\.things: /,
    );
    assert.deepEqual(await things(), [{ first: 'ab', rest: 'cdef' }]);
    await gateway.stop();
  });

  it('a signal to stop while the gateway starts ends it at once, with 0', async (t) => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    t.after(() => silent.close());
    await once(silent, 'listening');
    const asked = once(silent, 'connection');
    const text = withDatabase(1, portOf(silent)).replaceAll('Ms: 1000', 'Ms: 600000');
    const file = join(folderWith({ 'c.yaml': text, key: 'opensesame' }), 'c.yaml');
    const gateway = startOverpunch(['serve', '-c', file, '--port', '0']);
    running.add(gateway);
    await asked;
    gateway.child.kill('SIGTERM');
    const { code, out, err } = await gateway.ended;
    assert.equal(code, 0, err);
    assert.equal(out, '');
    assert.match(err, /"event":"stopped"/);
  });

  it('of the server, what needs a restart is named; the port goes on', async () => {
    const file = join(folderWith({ 'c.yaml': bank(1) }), 'c.yaml');
    const gateway = await start(['-c', file]);
    writeFileSync(file, bank(2, 'server: { port: 1 }\n'));
    await until(() => gateway.reloads().length === 1);
    assert.ok(gateway.reloads()[0]?.notes.includes('server.port needs a restart'));
    assert.equal(await gateway.customers(), 2);
    await gateway.stop();
  });
});
