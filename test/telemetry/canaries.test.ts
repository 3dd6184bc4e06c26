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
    const post = (path: string, body: object, method = 'POST') =>
      zoo.ask(path, {
        method,
        headers: { ...JSON_BODY, 'idempotency-key': c.idempotency },
        body: JSON.stringify(body),
      });
    const answers: { what: string; status: number; text: string; allowed: readonly Canary[] }[] = [];
    const failing = async (
      what: string,
      answer: ReturnType<typeof zoo.ask>,
      allowed: readonly Canary[] = [],
    ) => {
      const { status, text, headers } = await answer;
      answers.push({ what, status, text: `${headers} ${text}`, allowed });
    };
    const working = async (answer: ReturnType<typeof zoo.ask>, canary: Canary) => {
      const { status, text } = await answer;
      assert.equal(status, 200, text);
      assert.ok(text.includes(CANARIES[canary]), `${canary}: ${text}`);
    };

    // What was asked for is answered: the canaries are alive.
    await working(zoo.ask('/api/people'), 'sqliteRow');
    await working(zoo.ask('/api/notes'), 'tdsRow');
    await working(zoo.ask('/api/cards?filter=cardId lt 3'), 'fileRow');
    await working(zoo.ask('/api/remoteCards/0001'), 'fileRow');
    await working(zoo.graphql('{ people { items { name } } }'), 'sqliteRow');
    for (const path of ['people', 'notes', 'cards', 'remoteCards'])
      for (const filter of [`name eq '${c.filter}'`, `holder eq '${c.filter}'`, `text eq '${c.filter}'`])
        await zoo.ask(`/api/${path}?filter=${encodeURIComponent(filter)}`);

    // Who is not let in.
    await failing(
      'a bad token',
      zoo.ask('/api/people', { headers: { 'x-api-key': '', authorization: `Bearer ${c.bearer}` } }),
    );
    await failing(
      'basic',
      zoo.ask('/api/people', { headers: { 'x-api-key': '', authorization: `Basic ${btoa(c.bearer)}` } }),
    );
    await failing('a wrong key', zoo.ask('/api/people', { headers: { 'x-api-key': `${c.header}` } }));

    // What is wrong with the request. A client may be told what it wrote itself, and nobody else.
    const own: readonly Canary[] = ['filter', 'name', 'key', 'variable', 'literal', 'written', 'argument'];
    await failing('a key', zoo.ask(`/api/people/${c.key}`), own);
    await failing('a key of text', zoo.ask(`/api/cards/${c.key}`), own);
    await failing('a path', zoo.ask(`/api/${c.name}/${c.key}`), own);
    await failing('a deep path', zoo.ask(`/api/people/1/${c.key}`), own);
    await failing('a parameter', zoo.ask(`/api/people?${c.name}=1`), own);
    await failing('a field', zoo.ask(`/api/people?filter=${c.name} eq 'x'`), own);
    await failing('a value', zoo.ask(`/api/people?filter=age eq '${c.filter}'`), own);
    await failing('a syntax', zoo.ask(`/api/people?filter=age eq eq ${c.filter}`), own);
    await failing('a selection', zoo.ask(`/api/people?select=${c.name}`), own);
    await failing('a cursor', zoo.ask(`/api/people?after=${c.key}`), own);
    await failing(
      'broken JSON',
      zoo.ask('/api/people', { method: 'POST', headers: JSON_BODY, body: `{"name": ${c.written}` }),
      own,
    );
    await failing(
      'a value of the wrong type',
      post('/api/people', { id: 9, name: 'n', age: c.written }),
      own,
    );
    await failing('a member', post('/api/people', { id: 9, name: 'n', [c.name]: 1 }), own);
    await failing('a duplicate', post('/api/people', { id: 1, name: c.written, age: 1 }), own);
    await failing('a unique name', post('/api/people', { id: 9, name: c.sqliteRow, age: 1 }), own);
    await failing('a check', post('/api/people', { id: 9, name: 'x', age: 1 }), own);
    await failing('a long value', post('/api/people', { id: 9, name: c.written.repeat(9), age: 1 }), own);
    await failing(
      'a GraphQL variable',
      zoo.graphql('query ($id: Int!) { person(id: $id) { name } }', { id: c.variable }),
      own,
    );
    await failing('a GraphQL literal', zoo.graphql(`{ person(id: "${c.literal}") { name } }`), own);
    await failing('a GraphQL field', zoo.graphql(`{ people { items { ${c.name} } } }`), own);
    await failing('GraphQL syntax', zoo.graphql(`{ people( { ${c.literal}`), own);
    await failing(
      'a GraphQL duplicate',
      zoo.graphql('mutation ($v: PersonInsert!) { createPerson(values: $v) { id } }', {
        v: { id: 1, name: c.variable },
      }),
      own,
    );

    // What is wrong with the sources.
    const corrupt: readonly Canary[] = ['badDigits'];
    for (const name of ['cards', 'remoteCards']) {
      await failing('corrupt data', zoo.ask(`/api/${name}`), [...corrupt, 'fileRow']);
      await failing('a corrupt item', zoo.ask(`/api/${name}/0003`), corrupt);
      await failing('a corrupt field', zoo.graphql(`{ ${name} { items { cardId amount } } }`), corrupt);
    }
    await failing('a failing statement', zoo.ask('/api/broken'), ['statement']);
    await failing('a wrong password', zoo.ask('/api/wrongNotes'));
    await failing('a wrong password by SFTP', zoo.ask('/api/wrongCards'));
    await failing('a refused connection', zoo.ask(`/api/refusedNotes?filter=text eq '${c.filter}'`));
    for (let i = 0; i < 3; i++) {
      await failing('SOAP', zoo.ask(`/api/ask?text=${c.argument}`), ['faultText', 'reply']);
      await failing('SOAP by GraphQL', zoo.graphql(`{ ask(text: "${c.argument}") { count } }`), [
        'reply',
        'faultText',
        'argument',
      ]);
    }
    for (const path of ['/health', '/health/ready', '/metrics', '/openapi.json'])
      await failing(path, zoo.ask(path), path === '/openapi.json' ? ['statement'] : []);

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
    for (const { what, status } of answers.filter(({ what }) => !what.startsWith('/')))
      assert.ok(status >= 400 || what.includes('GraphQL') || what.includes('corrupt'), `${what}: ${status}`);
    assert.deepEqual(leaks, []);
    // And there was something to search.
    assert.match(left.stderr, /"event":"request"/);
    assert.match(left.audit, /"action":"read"/);
    assert.match(left.spans, /read ledger\.notes/);
  });
});
