import assert from 'node:assert/strict';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../../src/fault.ts';
import { listenTo } from '../http/event-stream.ts';
import { declared, living, QUICK, until } from './probe.ts';

const ONE = `sources:\n${declared('core', 'one')}${QUICK}`;

describe('before the start', () => {
  it('the process is alive, not ready, and everything else is to be asked again', async (t) => {
    const gateway = await living(t, ONE);
    assert.equal((await gateway.ask('/health/live')).status, 200);
    for (const path of ['/health/ready', '/health']) {
      const { status, body } = await gateway.ask(path);
      assert.deepEqual([status, body], [503, { state: 'starting' }], path);
    }
    const { status, body, headers } = await gateway.ask('/api/coreThings');
    assert.deepEqual([status, body.code, headers.get('retry-after')], [503, 'starting', '1']);
    assert.deepEqual(await gateway.start(), []);
    assert.equal((await gateway.ask('/health/ready')).status, 200);
    assert.equal(await gateway.label('coreThings'), 'one');
  });

  it('with a problem nothing is served, and what was opened is disposed', async (t) => {
    const gateway = await living(
      t,
      `sources:\n${declared('core', 'one')}${declared('twin', 'two', '', 'coreThings')}${QUICK}`,
    );
    const problems = await gateway.start();
    assert.match(problems[0]?.message ?? '', /already offered by source "core"/);
    assert.deepEqual(gateway.probe.open(), []);
    assert.equal((await gateway.ask('/health/ready')).status, 503);
  });
});

describe('a configuration that is read again', () => {
  it('serves new requests; a source that is declared as before is not opened again', async (t) => {
    const gateway = await living(
      t,
      `sources:\n${declared('core', 'one')}${declared('other', 'old')}${declared('gone', 'x')}${QUICK}`,
    );
    await gateway.start();
    gateway.write(
      `sources:\n${declared('core', 'one')}${declared('other', 'new')}${declared('more', 'y')}${QUICK}`,
    );
    const { problems, notes } = await gateway.reload();
    assert.deepEqual(
      [problems, notes],
      [
        0,
        [
          'source other has been opened anew',
          'source more has been opened',
          'source gone is not there any more',
        ],
      ],
    );
    assert.equal(await gateway.label('otherThings'), 'new');
    assert.equal(await gateway.label('moreThings'), 'y');
    assert.equal(await gateway.label('goneThings'), 404);
    await until(() => gateway.probe.open().length === 3);
    assert.deepEqual(gateway.probe.open().toSorted(), ['core:one', 'more:y', 'other:new']);
  });

  it('a request that runs goes on with what it began with, and its source is disposed when it has ended', async (t) => {
    const gateway = await living(t, ONE);
    await gateway.start();
    const gate = Promise.withResolvers<void>();
    gateway.probe.reading.set('one', gate.promise);
    const running = fetch(`${gateway.url}/api/coreThings?select=label`);
    await until(() => gateway.probe.read.includes('one'));
    gateway.write(ONE.replace('label: one', 'label: two'));
    assert.equal((await gateway.reload()).problems, 0);
    assert.equal(await gateway.label('coreThings'), 'two');
    assert.deepEqual(gateway.probe.open(), ['core:one', 'core:two']);
    gate.resolve();
    assert.deepEqual((await (await running).json()).value, [{ label: 'one' }, { label: 'one' }]);
    await until(() => gateway.probe.open().length === 1);
    assert.deepEqual(gateway.probe.open(), ['core:two']);
  });

  for (const left of [false, true]) {
    it(`a write that runs is made where it began${left ? ', also when its client has left' : ''}`, async (t) => {
      const gateway = await living(t, ONE);
      await gateway.start();
      const gate = Promise.withResolvers<void>();
      gateway.probe.writing.set('one', gate.promise);
      const client = new AbortController();
      const written = fetch(`${gateway.url}/api/coreThings/7`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ label: 'seven' }),
        signal: client.signal,
      }).then(
        ({ ok }) => ok,
        () => 'left',
      );
      await until(() => gateway.probe.writes.begun.length === 1);
      gateway.write(ONE.replace('label: one', 'label: two'));
      assert.equal((await gateway.reload()).problems, 0);
      if (left) client.abort();
      const soon = left ? await written : undefined;
      await wait(50);
      assert.deepEqual(gateway.probe.open(), ['core:one', 'core:two']);
      gate.resolve();
      assert.equal(soon ?? (await written), left ? 'left' : true);
      await until(() => gateway.probe.open().length === 1);
      assert.deepEqual(gateway.probe.writes.made, ['one']);
    });
  }

  const bad: readonly (readonly [what: string, text: string, note: RegExp])[] = [
    ['is half written', 'sources:\n  core: { adapter: probe, lab', /^c\.yaml:2:\d+: /],
    ['is empty', '', /^c\.yaml/],
    [
      'has an unknown word',
      ONE.replace('label: one', 'labell: one'),
      /^c\.yaml:2:\d+ sources\.core\.labell: /,
    ],
    [
      'names a secret that is not there',
      ONE.replace('label: one', 'label: one, password: { env: NOT_SET }'),
      /c\.yaml:2:\d+ sources\.core: The environment variable "NOT_SET"/,
    ],
    [
      'has two collections of one name',
      `sources:\n${declared('core', 'one')}${declared('twin', 'two', '', 'coreThings')}${QUICK}`,
      /c\.yaml:3:\d+ sources\.twin\.collections\.coreThings: .*already offered/,
    ],
  ];
  for (const [what, text, note] of bad) {
    it(`is refused where it ${what}: the one before goes on, and the health says why`, async (t) => {
      const gateway = await living(t, ONE);
      await gateway.start();
      gateway.write(text);
      const outcome = await gateway.reload();
      assert.ok(outcome.problems > 0);
      assert.match(outcome.notes[0] ?? '', note);
      assert.equal(await gateway.label('coreThings'), 'one');
      await until(() => gateway.probe.open().length === 1);
      const { status, body } = await gateway.ask('/health');
      assert.deepEqual([status, body.state, body.reload], [200, 'up', outcome]);
      assert.deepEqual(
        gateway.seen.filter(({ kind }) => kind === 'reload'),
        [{ kind: 'reload', problems: outcome.problems, notes: outcome.notes }],
      );
      gateway.write(ONE);
      assert.equal((await gateway.reload()).problems, 0);
      assert.equal((await gateway.ask('/health')).body.reload.problems, 0);
      assert.equal(gateway.probe.lives.filter(({ source }) => source === 'core').length, 1, 'it never left');
    });
  }

  it('is refused where the file is gone, and taken when it is back', async (t) => {
    const gateway = await living(t, ONE);
    await gateway.start();
    unlinkSync(join(gateway.folder, 'c.yaml'));
    assert.deepEqual((await gateway.reload()).notes, ['c.yaml: there is no such file']);
    assert.equal(await gateway.label('coreThings'), 'one');
    gateway.write(ONE.replace('label: one', 'label: two'));
    assert.equal((await gateway.reload()).problems, 0);
    assert.equal(await gateway.label('coreThings'), 'two');
  });

  it('what a source says of its misconfiguration is told without the secrets in it', async (t) => {
    const secret = `password: { file: key }`;
    const gateway = await living(t, ONE, { key: 'opensesame\n' });
    await gateway.start();
    gateway.probe.broken.set(
      'two',
      new Fault('invalid', 'the login opensesame is none', { misconfigured: true }),
    );
    gateway.write(`sources:\n${declared('core', 'two', secret)}${QUICK}`);
    const { notes } = await gateway.reload();
    assert.match(notes.join(), /sources\.core: the login \[secret\] is none/);
    assert.doesNotMatch(JSON.stringify([gateway.seen, (await gateway.ask('/health')).body]), /opensesame/);
  });

  it('a secret that was rotated, or a file that describes a source, opens that source anew and no other', async (t) => {
    const text = `sources:\n${declared('core', 'one', 'password: { file: key }')}${declared('other', 'x', 'layout: a.cpy')}${QUICK}`;
    const gateway = await living(t, text, { key: 'opensesame', 'a.cpy': '01 A.' });
    await gateway.start();
    assert.deepEqual((await gateway.reload()).notes, []);
    gateway.write('another', 'key');
    assert.deepEqual((await gateway.reload()).notes, ['source core has been opened anew']);
    gateway.write('01 B.', 'a.cpy');
    assert.deepEqual((await gateway.reload()).notes, ['source other has been opened anew']);
    assert.deepEqual((await gateway.reload()).notes, []);
    unlinkSync(join(gateway.folder, 'key'));
    const { problems, notes } = await gateway.reload();
    assert.equal(problems, 1);
    assert.match(notes.join(), /The file of a secret cannot be read: key/);
    assert.equal(await gateway.label('coreThings'), 'one');
    await until(() => gateway.probe.open().length === 2);
  });

  it('what takes effect only at a start is named', async (t) => {
    const gateway = await living(t, ONE);
    await gateway.start();
    gateway.write(
      `${ONE}server: { port: 4711, host: 0.0.0.0, title: New }\nstate: { folder: kept }\nroles: { ops: {} }\ntelemetry: { metricsRoles: [ops], audit: { file: audit.log } }\n`,
    );
    assert.deepEqual((await gateway.reload()).notes, [
      'server.port needs a restart',
      'server.host needs a restart',
      'telemetry.metricsRoles needs a restart',
      'telemetry.audit needs a restart',
      'state needs a restart',
    ]);
    assert.equal((await gateway.ask('/openapi.json')).body.info.title, 'New', 'the rest has changed');
  });

  it('a stream of changes goes on for a while, then is told to go on with the new one, and misses nothing there', async (t) => {
    const short = ONE.replace('replacedMs: 60000', 'replacedMs: 300');
    const gateway = await living(t, short);
    await gateway.start();
    const put = (id: number) =>
      fetch(`${gateway.url}/api/coreThings/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ label: `put ${id}` }),
      });
    using before = await listenTo(`${gateway.url}/api/coreThings/changes`);
    await before.next();
    gateway.write(`${short}server: { title: New }\n`);
    await gateway.reload();
    assert.equal((await put(7)).ok, true);
    const { id: position, data } = await before.next();
    assert.equal(data.row.label, 'put 7', 'what is written by the new one, the stream of the old one tells');
    const { event, data: fault } = await before.next();
    assert.deepEqual([event, fault.code], ['fault', 'stopping']);
    assert.equal((await put(8)).ok, true);
    using after = await listenTo(`${gateway.url}/api/coreThings/changes`, {
      'last-event-id': String(position),
    });
    assert.equal((await after.next()).data.row.label, 'put 8');
  });

  it('a stream of changes ends at once where somebody may see something else now', async (t) => {
    const gateway = await living(t, ONE);
    await gateway.start();
    for (const [rights, status] of [
      ['access: { anonymous: [guest] }\nroles: { guest: { collections: { "*": read } } }\n', 200],
      ['access: { anonymous: [guest] }\nroles: { guest: {} }\n', 404],
    ] as const) {
      using before = await listenTo(`${gateway.url}/api/coreThings/changes`);
      await before.next();
      gateway.write(ONE.replace('access: { development: true }\n', rights));
      assert.equal((await gateway.reload()).problems, 0);
      const { event, data: fault } = await before.next();
      assert.deepEqual([event, fault.code], ['fault', 'stopping']);
      assert.equal((await gateway.ask('/api/coreThings')).status, status);
    }
  });

  it('asked for twice at once: the second time what stands in the file then', async (t) => {
    const gateway = await living(t, ONE);
    await gateway.start();
    const gate = Promise.withResolvers<void>();
    gateway.probe.opening.set('two', gate.promise);
    gateway.write(ONE.replace('label: one', 'label: two'));
    const first = gateway.reload();
    await until(() => gateway.probe.begun.includes('two'));
    gateway.write(ONE.replace('label: one', 'label: three'));
    const [second, third] = [gateway.reload(), gateway.reload()];
    gate.resolve();
    assert.equal((await first).problems, 0);
    assert.deepEqual(await second, await third, 'both have one outcome');
    assert.equal(await gateway.label('coreThings'), 'three');
    await until(() => gateway.probe.open().length === 1);
    assert.equal(gateway.seen.filter(({ kind }) => kind === 'reload').length, 2);
  });

  it('read again and again under clients without a pause: no request fails, and nothing is left open', async (t) => {
    const gateway = await living(t, ONE);
    await gateway.start();
    let over = false;
    const clients = Array.from({ length: 8 }, async () => {
      const labels = new Set<string | number>();
      while (!over) labels.add(await gateway.label('coreThings'));
      return labels;
    });
    for (let i = 0; i < 20; i++) {
      gateway.write(ONE.replace('label: one', `label: v${i}`));
      assert.equal((await gateway.reload()).problems, 0);
      assert.equal(await gateway.label('coreThings'), `v${i}`, 'who asks after the change sees it');
    }
    over = true;
    for (const labels of await Promise.all(clients)) {
      assert.deepEqual(
        [...labels].filter((label) => !/^(one|v\d+)$/.test(String(label))),
        [],
      );
    }
    await until(() => gateway.probe.open().length === 1);
    assert.deepEqual(gateway.probe.open(), ['core:v19']);
  });

  it('a new source that opens slowly keeps nobody waiting, and its fields come when it is there', async (t) => {
    const gateway = await living(t, ONE);
    await gateway.start();
    const gate = Promise.withResolvers<void>();
    gateway.probe.opening.set('slow', gate.promise);
    gateway.write(`sources:\n${declared('core', 'one')}${declared('late', 'slow')}${QUICK}`);
    const reload = gateway.reload();
    await until(() => gateway.probe.begun.includes('slow'));
    assert.equal(await gateway.label('coreThings'), 'one');
    assert.equal((await reload).problems, 0, 'after openMs it is one that is down');
    const { body } = await gateway.ask('/health');
    assert.deepEqual(
      [body.state, body.sources[1].state, body.sources[1].fault.code],
      ['degraded', 'down', 'open-timeout'],
    );
    assert.equal(await gateway.label('lateThings'), 404);
    gate.resolve();
    await until(async () => (await gateway.label('lateThings')) === 'slow');
    assert.equal(gateway.probe.lives.length, 2, 'it has been opened once');
    await until(async () => (await gateway.ask('/health')).body.state === 'up');
  });

  it('is not read any more while draining, and one that is being opened then does not come', async (t) => {
    const gateway = await living(t, ONE);
    await gateway.start();
    const gate = Promise.withResolvers<void>();
    gateway.probe.opening.set('two', gate.promise);
    gateway.write(ONE.replace('label: one', 'label: two'));
    const reload = gateway.reload();
    await until(() => gateway.probe.begun.includes('two'));
    gateway.drain();
    gate.resolve();
    for (const outcome of [await reload, await gateway.reload()]) {
      assert.deepEqual([outcome.problems, outcome.notes], [1, ['the gateway is stopping']]);
    }
    assert.equal(await gateway.label('coreThings'), 'one', 'what is asked while it drains is answered');
    assert.equal((await gateway.ask('/health/ready')).status, 503);
    assert.equal((await gateway.ask('/health/live')).status, 200);
    assert.equal((await gateway.ask('/health')).body.state, 'draining');
    await until(() => gateway.probe.open().length === 1);
  });

  it('the end does not wait for a source that never opens', async (t) => {
    const gateway = await living(t, ONE.replace('openMs: 200', 'openMs: 600000'));
    gateway.probe.opening.set('one', new Promise(() => {}));
    const start = gateway.start();
    await until(() => gateway.probe.begun.length === 1);
    await gateway.close();
    await start;
  });
});

describe('a source that is not there at the start', () => {
  const TWO = `sources:\n${declared('core', 'one')}${declared('late', 'down')}relations:\n  coreThings.late: { to: lateThings, on: { id: id } }\n${QUICK}`;
  const down = new Fault('unavailable', 'not there yet');

  it('gets its fields and its relations when it comes, on both surfaces, and requests under way are not disturbed', async (t) => {
    const gateway = await living(t, TWO);
    gateway.probe.broken.set('down', down);
    assert.deepEqual(await gateway.start(), []);
    assert.equal(await gateway.label('lateThings'), 404);
    const gate = Promise.withResolvers<void>();
    gateway.probe.reading.set('one', gate.promise);
    const running = fetch(`${gateway.url}/api/coreThings?select=label`);
    await until(() => gateway.probe.read.includes('one'));
    gateway.probe.broken.clear();
    await until(async () => (await gateway.label('lateThings')) === 'down');
    gate.resolve();
    assert.equal((await (await running).json()).value.length, 2);
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ coreThings { items { id late { label } } } }' }),
    });
    const { data } = await response.json();
    assert.equal(data.coreThings.items[0].late.label, 'down');
    assert.deepEqual(gateway.probe.open(), ['core:one', 'late:down'], 'the other was not opened again');
    assert.equal((await gateway.ask('/health')).body.state, 'up');
  });

  it('is left out where it does not fit, which the health says, and keeps no other from coming', async (t) => {
    const gateway = await living(
      t,
      `sources:\n${declared('core', 'one')}${declared('clash', 'first')}${declared('late', 'second')}${QUICK}`.replace(
        'clashThings',
        'coreThings',
      ),
    );
    for (const label of ['first', 'second']) gateway.probe.broken.set(label, down);
    assert.deepEqual(await gateway.start(), []);
    gateway.probe.broken.delete('first');
    await until(() => gateway.seen.some(({ kind }) => kind === 'reload'));
    const { body } = await gateway.ask('/health');
    assert.equal(body.reload.problems, 1);
    assert.match(body.reload.notes[0], /sources\.clash\.collections\.coreThings: .*already offered/);
    assert.equal(await gateway.label('coreThings'), 'one');
    gateway.probe.broken.delete('second');
    await until(async () => (await gateway.label('lateThings')) === 'second');
    assert.equal(await gateway.label('coreThings'), 'one');
  });
});
