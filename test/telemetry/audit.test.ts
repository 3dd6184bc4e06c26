import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Fault } from '../../src/fault.ts';
import { filePlace } from '../../src/telemetry/audit-place.ts';
import { type AuditRecord, auditRecords } from '../../src/telemetry/audit-record.ts';
import { type AuditSink, auditSink } from '../../src/telemetry/audit-sink.ts';
import { boundedRefusals } from '../../src/telemetry/bounded-refusals.ts';
import { type WatchedBank, watchedBank } from './bank.ts';

const folder = mkdtempSync(join(tmpdir(), 'overpunch-audit-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => join(folder, `audit-${files++}.jsonl`);

const plain = { sync: false, redact: (text: string) => text, onState: () => {} };

async function opened(
  file: string,
  writing: Partial<Parameters<typeof auditSink>[1]> = {},
): Promise<AuditSink> {
  return auditSink(await filePlace(file), { ...plain, ...writing });
}

// biome-ignore lint/suspicious/noExplicitAny: records, as they were written
function records(file: string): readonly any[] {
  return lines(file).map((line) => JSON.parse(line));
}

function lines(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  assert.ok(text === '' || text.endsWith('\n'));
  return text.split('\n').slice(0, -1);
}

/** As the documentation says how to check it. */
function brokenAt(file: string): number {
  const all = lines(file);
  return all.findIndex((line, i) => {
    const before = all[i - 1];
    return (
      before !== undefined &&
      JSON.parse(line).prev !== createHash('sha256').update(before).digest('base64url')
    );
  });
}

async function bankWithAudit(
  t: Parameters<typeof watchedBank>[0],
): Promise<{ readonly bank: WatchedBank; read(): ReturnType<typeof records> }> {
  const bank = await watchedBank(t, (own) => ({
    audit: { file: join(own, 'audit.jsonl'), required: true, sync: false },
  }));
  return { bank, read: () => records(join(bank.folder, 'audit.jsonl')) };
}

describe('audit records', () => {
  it('each access is one: the collection, and every relation with its source, its fields and its rows', async (t) => {
    const { bank, read } = await bankWithAudit(t);
    await bank.graphql('{ accounts { items { no customer { name score { customerId } } } } }');
    await bank.end();
    assert.deepEqual(
      read().map(({ action, source, target, fields, rows, outcome }) => [
        action,
        source,
        target,
        fields,
        rows,
        outcome,
      ]),
      [
        ['read', 'bank', 'accounts', ['no'], 3, 'ok'],
        ['read', 'bank', 'customers', ['name'], 3, 'ok'],
        ['read', 'scoring', 'scores', ['customerId'], 3, 'ok'],
      ],
    );
  });

  it('who, what, and how it ended, of reads, counts, calls and changes, on both surfaces; no data, no filter, no key', async (t) => {
    const { bank, read } = await bankWithAudit(t);
    await (
      await bank.get("/api/customers?filter=name eq 'Ada'&count=true", { 'x-request-id': 'one' })
    ).text();
    await (await bank.get('/api/customers/3', { 'x-request-id': 'two' })).text();
    await (await bank.get('/api/getScore?customerId=1', { 'x-request-id': 'three' })).text();
    await bank.graphql('mutation { createCustomer(values: { id: 4711, name: "Barbara" }) { id } }', {
      'x-request-id': 'four',
    });
    await bank.graphql('mutation { createCustomer(values: { id: 4711, name: "Barbara" }) { id } }', {
      'x-request-id': 'five',
    });
    await bank.end();
    const told = read().map(({ requestId, action, target, fields, rows, outcome, code }) =>
      [requestId, action, target, (fields ?? []).join('+'), rows, outcome, code].join(' ').trim(),
    );
    assert.deepEqual(told, [
      'one read customers id+name 1 ok',
      'one count customers  1 ok',
      'two read customers id+name 1 ok',
      'three invoke getScore customerId 1 ok',
      'four insert customers id+name 1 ok',
      'four read customers id 1 ok',
      'five insert customers id+name 0 conflict duplicate',
    ]);
    for (const text of lines(join(bank.folder, 'audit.jsonl')))
      assert.doesNotMatch(text, /Ada|Barbara|4711|Edsger/);
    for (const { time, client, by, roles } of read()) {
      assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      assert.ok(typeof client === 'string' && typeof by === 'string' && Array.isArray(roles));
    }
  });

  it('what was refused before any access is one too: with its route, never with the path', async (t) => {
    const { bank, read } = await bankWithAudit(t);
    await (await bank.get('/api/hidden-thing/4711')).text();
    await (await bank.get('/api/customers/4711?filter=oops')).text();
    await bank.graphql('{ hiddenThing { items { secret } } }', { accept: 'application/json' });
    await (await bank.get('/health/live')).text();
    await (await bank.get('/')).text();
    await bank.end();
    assert.deepEqual(
      read().map(({ action, method, route, status, outcome }) => [action, method, route, status, outcome]),
      [
        ['refused', 'GET', 'other', 404, 'not-found'],
        ['refused', 'GET', '/api/customers/{key}', 400, 'invalid'],
        ['refused', 'POST', '/graphql', 200, 'invalid'],
      ],
    );
    assert.doesNotMatch(readFileSync(join(bank.folder, 'audit.jsonl'), 'utf8'), /4711|hidden|oops|secret/i);
  });

  it('what was refused is one whatever id it was given: an access under the same id hides nothing', async (t) => {
    const { bank, read } = await bankWithAudit(t);
    const same = { 'x-request-id': 'same' };
    await Promise.all(
      ['/api/customers/1', '/api/nothing', '/api/customers/2', '/api/nothing/else'].map(async (path) =>
        (await bank.get(path, same)).text(),
      ),
    );
    await bank.end();
    assert.deepEqual(
      read()
        .map(({ requestId, action }) => [requestId, action])
        .sort(),
      [
        ['same', 'read'],
        ['same', 'read'],
        ['same', 'refused'],
        ['same', 'refused'],
      ],
    );
    const serials = bank.seen.flatMap((one) => (one.kind === 'request' ? [one.serial] : []));
    assert.equal(new Set(serials).size, 4);
    assert.ok(!serials.includes(undefined));
    // An access that is told after its client has left, and one whose request is still under way.
    const record = auditRecords();
    const access = {
      requestId: 'same',
      client: 'a',
      by: 'key',
      roles: [],
      source: 's',
      target: 't',
    } as const;
    const end = { kind: 'request', requestId: 'same', method: 'GET', path: '/', durationMs: 1 } as const;
    record({ kind: 'audit', serial: 1, ...access, action: 'read', fields: [], rows: 1, outcome: 'ok' });
    const fault = new Fault('unauthenticated', 'no', { code: 'bad-credentials' });
    record({ kind: 'fault', serial: 2, requestId: 'same', fault });
    const told = record({ ...end, serial: 2, status: 401 });
    assert.equal(told?.['action'], 'refused');
    assert.equal(told['code'], 'bad-credentials');
  });

  it('an answer that is given again by its Idempotency-Key is one, for it shows rows', async (t) => {
    const { bank, read } = await bankWithAudit(t);
    for (let i = 0; i < 2; i++) {
      const response = await fetch(`${bank.url}/api/customers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'k', 'x-request-id': `r${i}` },
        body: '{"id":4711,"name":"Barbara"}',
      });
      assert.equal(response.status, 201);
      await response.text();
    }
    await bank.end();
    const told = read().map(({ requestId, action, route }) => [requestId, action, route ?? '']);
    assert.deepEqual(told.at(-1), ['r1', 'replayed', '/api/customers']);
    assert.deepEqual(
      told.filter(([id]) => id === 'r1'),
      [['r1', 'replayed', '/api/customers']],
    );
  });

  it('are so many at most, within a minute, of refusals of whom nobody knows: of more it is told how many', () => {
    const told: AuditRecord[] = [];
    const refusals = boundedRefusals((record) => told.push(record), { most: 2 });
    const refused = (client: string) => ({ client, action: 'refused', status: 401 });
    for (let i = 0; i < 10; i++) refusals.add(refused(''));
    refusals.add(refused('anonymous'));
    refusals.add(refused('web'));
    refusals.add({ client: 'anonymous', action: 'read', rows: 1 });
    refusals.end();
    refusals.add(refused(''));
    refusals.end();
    assert.deepEqual(told, [
      refused(''),
      refused(''),
      refused('web'),
      { client: 'anonymous', action: 'read', rows: 1 },
      { client: '', action: 'refused', times: 9 },
      refused(''),
    ]);
  });

  it('none stands in the log', async (t) => {
    const { bank } = await bankWithAudit(t);
    await (await bank.get('/api/customers')).text();
    await bank.end();
    assert.ok(bank.log.length > 0);
    assert.ok(!bank.log.some((line) => line.includes('"fields"') || line.includes('"audit"')));
  });
});

describe('the file of audit records', () => {
  it('is readable for its owner alone, and never a link', async () => {
    const file = newFile();
    const sink = await opened(file);
    sink.add({ n: 1 });
    await sink.end(1_000);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const link = newFile();
    symlinkSync(file, link);
    await assert.rejects(filePlace(link), { code: 'ELOOP' });
  });

  it('each line holds the hash of the one before: what was changed or taken out shows, also across a restart', async () => {
    const file = newFile();
    for (let run = 0; run < 3; run++) {
      const sink = await opened(file);
      for (let n = 0; n < 5; n++) sink.add({ run, n });
      await sink.end(1_000);
    }
    assert.equal(lines(file).length, 15);
    assert.equal(brokenAt(file), -1);
    const whole = lines(file);
    writeFileSync(file, `${whole.toSpliced(7, 1).join('\n')}\n`);
    assert.equal(brokenAt(file), 7);
    writeFileSync(
      file,
      `${whole.map((line, i) => (i === 3 ? line.replace('"n":3', '"n":4') : line)).join('\n')}\n`,
    );
    assert.equal(brokenAt(file), 4);
  });

  it('a line that a crash cut short stays, and the chain goes on behind it', async () => {
    const file = newFile();
    writeFileSync(file, '{"n":1}\n{"n":');
    const sink = await opened(file);
    sink.add({ n: 3 });
    await sink.end(1_000);
    assert.equal(lines(file).length, 3);
    const last = JSON.parse(lines(file)[2] ?? '');
    assert.equal(last.prev, createHash('sha256').update('{"n":').digest('base64url'));
  });

  it('moved away, it is begun anew, and the chain leads from one file to the next', async () => {
    const file = newFile();
    const sink = await opened(file);
    sink.add({ n: 1 });
    await setTimeout(50);
    renameSync(file, `${file}.1`);
    sink.add({ n: 2 });
    await sink.end(1_000);
    assert.deepEqual([records(`${file}.1`).map(({ n }) => n), records(file).map(({ n }) => n)], [[1], [2]]);
    const [before = assert.fail()] = lines(`${file}.1`);
    assert.equal(records(file)[0].prev, createHash('sha256').update(before).digest('base64url'));
  });

  it('while it cannot be written that is told once; then everything that waited is there, in order', async () => {
    const file = newFile();
    const states: (string | undefined)[] = [];
    const place = await filePlace(file);
    let full = false;
    let cut = 0;
    const sink = auditSink(
      {
        ...place,
        async write(bytes) {
          if (full) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
          // A full disk takes a part of a line.
          return place.write(cut++ === 1 ? bytes.subarray(0, 10) : bytes);
        },
      },
      { ...plain, onState: ({ code }) => states.push(code) },
    );
    sink.add({ n: 1 });
    await setTimeout(50);
    full = true;
    sink.add({ n: 2 });
    await setTimeout(50);
    assert.equal(sink.failing(), 'ENOSPC');
    sink.add({ n: 3 });
    full = false;
    await setTimeout(1_200);
    assert.equal(sink.failing(), undefined);
    await sink.end(1_000);
    assert.deepEqual(
      records(file).map(({ n }) => n),
      [1, 2, 3],
    );
    assert.equal(brokenAt(file), -1);
    assert.deepEqual(states, ['ENOSPC', undefined]);
  });

  it('a full disk is told by the code of the operating system', async () => {
    const states: unknown[] = [];
    const sink = await opened('/dev/full', { onState: (state) => states.push(state) });
    sink.add({ n: 1 });
    await setTimeout(50);
    assert.equal(sink.failing(), 'ENOSPC');
    assert.deepEqual(states, [{ code: 'ENOSPC', waiting: 1, lost: 0 }]);
    await sink.end(100);
  });

  it('a secret that gets into a record is blotted out', async () => {
    const file = newFile();
    const sink = await opened(file, { redact: (text) => text.replaceAll('hunter2', '[secret]') });
    sink.add({ requestId: 'hunter2' });
    await sink.end(1_000);
    assert.equal(records(file)[0].requestId, '[secret]');
  });

  it('where records are required, nothing is answered while there can be none, and it goes on when there can', async (t) => {
    const { bank, read } = await bankWithAudit(t);
    const file = join(bank.folder, 'audit.jsonl');
    assert.equal((await bank.get('/api/customers')).status, 200);
    await setTimeout(50);
    // A folder at its place: nothing can be written there.
    renameSync(file, `${file}.1`);
    mkdirSync(file);
    await (await bank.get('/api/customers')).text();
    await setTimeout(50);
    for (const answer of [await bank.get('/api/customers'), await bank.get('/api/getScore?customerId=1')]) {
      assert.equal(answer.status, 503);
      assert.match(await answer.text(), /"code":"audit-unavailable"/);
    }
    assert.match(JSON.stringify(await bank.graphql('{ customers { items { id } } }')), /audit-unavailable/);
    assert.equal((await bank.get('/health/live')).status, 200);
    const failures = bank.seen.filter(({ kind }) => kind === 'audit-failure');
    assert.equal(failures.length, 1);
    rmdirSync(file);
    await setTimeout(1_200);
    assert.equal((await bank.get('/api/customers')).status, 200);
    await bank.end();
    const outcomes = read().map(({ outcome }) => outcome);
    assert.deepEqual(outcomes, ['ok', 'unavailable', 'unavailable', 'unavailable', 'ok']);
  });
});
