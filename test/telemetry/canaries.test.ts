// Everything that leaves the process is searched for what must not leave it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CANARIES, type Canary, formsOf, startZoo } from './canaries.ts';

const JSON_BODY = { 'content-type': 'application/json' };

/** The canaries that stand in a text, in whatever form. */
function foundIn(text: string, allowed: readonly Canary[] = []): readonly string[] {
  return Object.entries(CANARIES).flatMap(([name, word]) =>
    allowed.some((one) => one === name) || !formsOf(word).some((form) => text.includes(form)) ? [] : [name],
  );
}

describe('nothing leaves the process but by the answer that it was asked for in', () => {
  it('no secret, no row, no byte of data, no header, no filter, no SQL and no envelope', {
    timeout: 60_000,
  }, async (t) => {
    const zoo = await startZoo(t);
    const c = CANARIES;
    let posts = 0;
    const post = (path: string, body: object, method = 'POST') =>
      zoo.ask(path, {
        method,
        headers: { ...JSON_BODY, 'idempotency-key': `${c.idempotency}-${++posts}` },
        body: JSON.stringify(body),
      });
    const answers: { what: string; status: number; text: string; allowed: readonly Canary[] }[] = [];
    const failing = async (
      what: string,
      /** Where several are possible: none. */
      code: string | undefined,
      answer: ReturnType<typeof zoo.ask>,
      allowed: readonly Canary[] = [],
    ) => {
      const { status, text, headers } = await answer;
      if (code !== undefined) assert.ok(text.includes(`"code":"${code}"`), `${what}: ${status} ${text}`);
      answers.push({ what, status, text: `${headers} ${text}`, allowed });
    };
    const working = async (answer: ReturnType<typeof zoo.ask>, canary: Canary) => {
      const { status, text } = await answer;
      assert.equal(status, 200, text);
      assert.ok(text.includes(CANARIES[canary]), `${canary}: ${text}`);
    };

    // What was asked for is answered: the canaries are alive.
    await working(zoo.ask('/api/customers'), 'sqliteRow');
    await working(zoo.ask('/api/notes'), 'tdsRow');
    await working(zoo.ask('/api/cards?filter=cardId lt 3'), 'fileRow');
    await working(zoo.ask('/api/remoteCards/0001'), 'fileRow');
    await working(zoo.graphql('{ customers { items { name } } }'), 'sqliteRow');
    for (const path of ['customers', 'notes', 'cards', 'remoteCards'])
      for (const filter of [`name eq '${c.filter}'`, `holder eq '${c.filter}'`, `text eq '${c.filter}'`])
        await zoo.ask(`/api/${path}?filter=${encodeURIComponent(filter)}`);

    // Who is not let in.
    await failing(
      'a bad token',
      'bad-credentials',
      zoo.ask('/api/customers', { headers: { authorization: `Bearer ${c.bearer}` } }),
    );
    await failing(
      'basic',
      'bad-credentials',
      zoo.ask('/api/customers', { headers: { authorization: `Basic ${btoa(c.bearer)}` } }),
    );
    await failing(
      'a wrong key',
      'bad-credentials',
      zoo.ask('/api/customers', { headers: { 'x-api-key': `${c.header}` } }),
    );

    // What is wrong with the request. A client may be told what it wrote itself, and nobody else.
    const own: readonly Canary[] = ['filter', 'name', 'key', 'variable', 'literal', 'written', 'argument'];
    await failing('a key', 'bad-key', zoo.ask(`/api/customers/${c.key}`), own);
    await failing('a key of text', 'bad-key', zoo.ask(`/api/cards/${c.key}`), own);
    await failing('a path', 'unknown-path', zoo.ask(`/api/${c.name}/${c.key}`), own);
    await failing('a deep path', 'unknown-path', zoo.ask(`/api/customers/1/${c.key}`), own);
    await failing('a parameter', 'unknown-parameter', zoo.ask(`/api/customers?${c.name}=1`), own);
    await failing('a field', 'bad-filter', zoo.ask(`/api/customers?filter=${c.name} eq 'x'`), own);
    await failing('a value', 'bad-filter', zoo.ask(`/api/customers?filter=age eq '${c.filter}'`), own);
    await failing('a syntax', 'bad-filter', zoo.ask(`/api/customers?filter=age eq eq ${c.filter}`), own);
    await failing('a selection', 'unknown-field', zoo.ask(`/api/customers?select=${c.name}`), own);
    await failing('a cursor', 'bad-cursor', zoo.ask(`/api/customers?after=${c.key}`), own);
    await failing(
      'broken JSON',
      'bad-json',
      zoo.ask('/api/customers', { method: 'POST', headers: JSON_BODY, body: `{"name": ${c.written}` }),
      own,
    );
    await failing(
      'a value of the wrong type',
      'bad-value',
      post('/api/customers', { id: 9, name: 'n', age: c.written }),
      own,
    );
    await failing(
      'a member',
      'unknown-field',
      post('/api/customers', { id: 9, name: 'n', [c.name]: 1 }),
      own,
    );
    await failing(
      'a duplicate',
      'duplicate',
      post('/api/customers', { id: 1, name: c.written, age: 1 }),
      own,
    );
    await failing(
      'a unique name',
      'duplicate',
      post('/api/customers', { id: 9, name: c.sqliteRow, age: 1 }),
      own,
    );
    await failing('a check', 'check-constraint', post('/api/customers', { id: 9, name: 'x', age: 1 }), own);
    await failing(
      'a long value',
      'too-long',
      post('/api/customers', { id: 9, name: c.written.repeat(9), age: 1 }),
      own,
    );
    await failing(
      'a GraphQL variable',
      'invalid',
      zoo.graphql('query ($id: Long!) { customer(id: $id) { name } }', { id: c.variable }),
      own,
    );
    await failing(
      'a GraphQL literal',
      'invalid',
      zoo.graphql(`{ customer(id: "${c.literal}") { name } }`),
      own,
    );
    await failing('a GraphQL field', 'invalid', zoo.graphql(`{ customers { items { ${c.name} } } }`), own);
    await failing('GraphQL syntax', 'invalid', zoo.graphql(`{ customers( { ${c.literal}`), own);
    await failing(
      'a GraphQL duplicate',
      'duplicate',
      zoo.graphql('mutation ($n: String!) { createCustomer(values: { id: 1, name: $n }) { id } }', {
        n: c.variable,
      }),
      own,
    );

    // What is wrong with the sources.
    const corrupt: readonly Canary[] = ['badDigits'];
    for (const name of ['cards', 'remoteCards']) {
      await failing('corrupt data', 'bad-zoned-digit', zoo.ask(`/api/${name}`), [...corrupt, 'fileRow']);
      await failing('a corrupt item', 'bad-zoned-digit', zoo.ask(`/api/${name}/0003`), corrupt);
      await failing(
        'a corrupt field',
        'bad-zoned-digit',
        zoo.graphql(`{ ${name} { items { cardId amount } } }`),
        corrupt,
      );
    }
    await failing('a failing statement', 'sql-error', zoo.ask('/api/broken'), ['statement']);
    await failing('a wrong password', 'login', zoo.ask('/api/wrongNotes'));
    await failing('a wrong password by SFTP', 'login', zoo.ask('/api/wrongCards'));
    await failing(
      'a refused connection',
      'cannot-connect',
      zoo.ask(`/api/refusedNotes?filter=text eq '${c.filter}'`),
    );
    await failing(
      'a taken key of SQL Server',
      'duplicate',
      post('/api/notes', { no: 1, text: c.written }),
      own,
    );
    await failing(
      'a taken text of SQL Server',
      'duplicate',
      post('/api/notes', { no: 2, text: c.tdsRow }),
      own,
    );
    await failing(
      'a long text of SQL Server',
      'too-long',
      post('/api/notes', { no: 3, text: c.written.repeat(3) }),
      own,
    );
    await failing('a wrong key of SQL Server', 'bad-key', zoo.ask(`/api/notes/${c.key}`), own);
    for (const accept of ['application/x-ndjson', 'text/csv'])
      await failing(
        'corrupt data in a stream',
        'bad-zoned-digit',
        zoo.ask('/api/cards', { headers: { accept } }),
        [...corrupt, 'fileRow'],
      );
    await failing(
      'a GraphQL query in the address',
      'invalid',
      zoo.ask(`/graphql?query={${c.name}}&variables={"v":"${c.variable}"}`),
      own,
    );
    for (let i = 0; i < 4; i++) {
      await failing('SOAP', undefined, zoo.ask(`/api/ask?text=${c.argument}`), ['faultText', 'reply']);
      await failing('SOAP by GraphQL', undefined, zoo.graphql(`{ ask(text: "${c.argument}") }`), [
        'reply',
        'faultText',
        'argument',
      ]);
    }
    for (const path of ['/health', '/health/ready', '/metrics', '/openapi.json', '/docs', '/'])
      await failing(path, undefined, zoo.ask(path), path === '/openapi.json' ? ['statement'] : []);

    for (const path of ['/metrics', '/health', '/health/ready', '/nothing']) {
      const response = await fetch(zoo.watchersUrl + path);
      answers.push({ what: path, status: response.status, text: await response.text(), allowed: [] });
    }

    // The services did get what was planted for them.
    for (const canary of ['soapHeader', 'argument'] as const)
      assert.ok(zoo.met().includes(CANARIES[canary]), canary);
    assert.ok(zoo.met().includes(btoa(`${c.soapUser}:${c.soapPassword}`)));

    const left = await zoo.end();
    const leaks = [
      ...answers.flatMap(({ what, status, text, allowed }) =>
        foundIn(text, allowed).map((canary) => `${canary} in the answer to ${what} (${status}): ${text}`),
      ),
      ...Object.entries(left).flatMap(([way, text]) =>
        text
          .split('\n')
          .flatMap((line) =>
            foundIn(line, way === 'spans' ? ['collectorHeader'] : []).map(
              (canary) => `${canary} by ${way}: ${line}`,
            ),
          ),
      ),
    ];
    const told = answers.map(({ text }) => text).join('\n');
    for (const code of ['soap-fault', 'bad-value', 'timeout'])
      assert.ok(told.includes(`"code":"${code}"`), code);
    assert.deepEqual(leaks, []);
    // And there was something to search.
    assert.match(left.stderr, /"event":"request"/);
    assert.match(left.audit, /"action":"read"/);
    assert.match(left.spans, /read ledger\.notes/);
  });
});
