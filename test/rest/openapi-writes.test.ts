import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memorySource } from '../../adapters/memory/memory.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Operation } from '../../src/model/type.ts';
import type { Policy } from '../../src/policy.ts';
import { openapi } from '../../src/rest/openapi.ts';
import { serve } from '../http/serving.ts';
import { send } from '../http/writing.ts';
import { bank } from './bank.ts';
import { violations } from './json-schema.ts';
import { writable } from './writable.ts';

function documentOf(catalog: Parameters<typeof openapi>[0], policy: Policy): unknown {
  return JSON.parse(JSON.stringify(openapi(catalog, policy, { title: 't', version: '1' })));
}

const parts = writable();
const document = documentOf(parts.catalog, parts.policy);

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner: unknown, step) => {
    assert.ok(hasMembers(inner) && Object.hasOwn(inner, step), `${path.join(' → ')}: no ${step}`);
    return inner[step];
  }, value);
}

/** A list has its elements by their numbers. */
function hasMembers(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keys(value: unknown): readonly string[] {
  assert.ok(isObject(value));
  return Object.keys(value);
}

/** Every operation: path, method, itself. */
function operations(of: unknown = document): readonly (readonly [string, string, unknown])[] {
  return keys(at(of, 'paths')).flatMap((path) =>
    keys(at(of, 'paths', path)).map((method) => [path, method, at(of, 'paths', path, method)] as const),
  );
}

function bodySchema(path: string, method: string): unknown {
  return at(document, 'paths', path, method, 'requestBody', 'content', 'application/json', 'schema');
}

const ITEM = '/api/accounts/{bank},{number}';

describe('writes in the OpenAPI document', () => {
  it('stand where they are claimed, as the server allows them', async (t) => {
    const { url } = await serve(t, parts);
    const example = (path: string): string => path.replaceAll(/\{[^}]+\}/g, '1');
    for (const path of keys(at(document, 'paths'))) {
      const { headers } = await send('OPTIONS', url + example(path));
      const allowed = (headers.get('allow') ?? '')
        .split(', ')
        .filter((method) => method !== 'HEAD' && method !== 'OPTIONS');
      assert.deepEqual(
        keys(at(document, 'paths', path))
          .map((method) => method.toUpperCase())
          .toSorted(),
        allowed.toSorted(),
        path,
      );
    }
  });

  it('are nowhere when nothing can be written', () => {
    const { catalog, policy } = bank();
    const readOnly = documentOf(catalog, policy);
    assert.deepEqual([...new Set(operations(readOnly).map(([, method]) => method))], ['get']);
    assert.doesNotMatch(JSON.stringify(readOnly), /If-Match|Prefer|"readOnly"|Create"|written-not-read/);
  });

  it('ids are unique, and an operation that has the name of one gives way', () => {
    const source = memorySource([
      {
        name: 'rows',
        key: ['id'],
        writes: ['insert', 'update', 'upsert', 'delete'],
        fields: [{ name: 'id', type: { kind: 'int32' } }],
        rows: [],
      },
    ]);
    const named = ['createRow', 'updateRow', 'replaceRow', 'deleteRow', 'writeAll'].map(
      (name): Operation => ({
        name,
        effect: 'write',
        idempotent: false,
        input: [],
        output: { kind: 'boolean' },
      }),
    );
    const { catalog } = buildCatalog([{ source: 's', ...source.model, operations: named }], []);
    for (const one of [document, documentOf(catalog, parts.policy)]) {
      const ids = operations(one).map(([, , operation]) => at(operation, 'operationId'));
      assert.equal(new Set(ids).size, ids.length, ids.join(' '));
    }
  });

  it('every reference leads somewhere, and parameters of a path are those of its template', () => {
    const follow = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(follow);
      if (!isObject(value)) return;
      const reference = value['$ref'];
      if (typeof reference === 'string') at(document, ...reference.slice(2).split('/'));
      Object.values(value).forEach(follow);
    };
    follow(document);
    for (const [path, method, operation] of operations()) {
      const list = isObject(operation) ? (operation['parameters'] ?? []) : [];
      assert.ok(Array.isArray(list));
      assert.deepEqual(
        list.flatMap((parameter: unknown) =>
          isObject(parameter) && parameter['in'] === 'path' ? [parameter['name']] : [],
        ),
        [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name),
        `${method} ${path}`,
      );
    }
  });

  it('a new row needs what may not be left out, a patch nothing, a replacement everything but the key', () => {
    const schema = (name: string) => at(document, 'components', 'schemas', name);
    assert.deepEqual(at(schema('AccountCreate'), 'required'), ['bank', 'number', 'owner', 'balance']);
    assert.deepEqual(keys(at(schema('AccountCreate'), 'properties')), [
      'bank',
      'number',
      'owner',
      'balance',
      'status',
      'opened',
      'rate',
    ]);
    assert.ok(!keys(schema('AccountUpdate')).includes('required'));
    assert.deepEqual(at(schema('AccountReplace'), 'required'), [
      'owner',
      'balance',
      'status',
      'opened',
      'rate',
    ]);
    assert.deepEqual(at(schema('Account'), 'properties', 'stamp', 'readOnly'), true);
    assert.equal(at(bodySchema(ITEM, 'put'), 'anyOf', '0', '$ref'), '#/components/schemas/AccountReplace');
    assert.deepEqual(keys(at(document, 'paths', ITEM, 'patch', 'requestBody', 'content')), [
      'application/json',
      'application/merge-patch+json',
    ]);
  });

  it('conditions and preferences are header parameters', () => {
    const headers = (path: string, method: string): readonly unknown[] => {
      const list = at(document, 'paths', path, method, 'parameters');
      assert.ok(Array.isArray(list));
      return list.flatMap((parameter: unknown) => {
        assert.ok(isObject(parameter));
        const reference = parameter['$ref'];
        const found =
          typeof reference === 'string' ? at(document, ...reference.slice(2).split('/')) : parameter;
        return at(found, 'in') === 'header' ? [at(found, 'name')] : [];
      });
    };
    const ONCE = 'Idempotency-Key';
    assert.deepEqual(headers('/api/accounts', 'post'), ['Prefer', ONCE]);
    assert.deepEqual(headers(ITEM, 'put'), ['Prefer', ONCE, 'If-Match', 'If-None-Match']);
    assert.deepEqual(headers(ITEM, 'patch'), ['Prefer', ONCE, 'If-Match']);
    assert.deepEqual(headers(ITEM, 'delete'), ['If-Match', ONCE]);
    assert.deepEqual(headers('/api/postings/{id}', 'put'), ['Prefer', ONCE, 'If-None-Match']);
  });

  it('what the server takes fits its schema, and what it answers as well', async (t) => {
    const { url } = await serve(t, writable());
    const check = async (
      method: string,
      template: string,
      path: string,
      body: unknown,
      headers: Record<string, string> = {},
    ) => {
      const described = at(document, 'paths', template, method.toLowerCase());
      assert.deepEqual(
        violations(document, bodySchema(template, method.toLowerCase()), body),
        [],
        `${method} ${path}`,
      );
      const reply = await send(method, url + path, body, headers);
      assert.ok(reply.status < 300, reply.text);
      const answer = at(
        described,
        'responses',
        String(reply.status),
        'content',
        'application/json',
        'schema',
      );
      assert.deepEqual(violations(document, answer, reply.body), [], reply.text);
    };
    const row = { bank: 'b', number: 5, owner: 'Eve', balance: 7.1 };
    await check('POST', '/api/accounts', '/api/accounts', row);
    await check('POST', '/api/accounts', '/api/accounts', [{ ...row, number: '6', status: 'OPEN' }]);
    await check('PATCH', ITEM, '/api/accounts/b,5', { bank: 'b', balance: '8.10', rate: 0.25 });
    await check('PUT', ITEM, '/api/accounts/b,5', {
      owner: 'E',
      balance: '1.00',
      status: null,
      opened: null,
      rate: null,
    });
    await check('PUT', ITEM, '/api/accounts/b,9', { owner: 'E', balance: '1.00' }, { 'if-none-match': '*' });
    await check(
      'PUT',
      '/api/postings/{id}',
      '/api/postings/Q',
      { account: 5, amount: '1.00' },
      { 'if-none-match': '*' },
    );
    await check('POST', '/api/contacts', '/api/contacts', {
      id: 5,
      address: { street: 'S' },
      lines: [{ text: 't', size: 1 }],
    });
    await check('POST', '/api', '/api', {
      changes: [
        { insert: 'accounts', values: { ...row, number: 7 } },
        {
          update: 'accounts',
          key: { bank: 'b', number: '7' },
          values: { owner: 'X' },
          expected: { stamp: null, owner: 'Eve' },
        },
        { delete: 'accounts', key: { bank: 'b', number: 7 } },
        { insert: 'events', values: { what: 'w' } },
      ],
    });
  });

  it('what the server refuses for its form does not fit the schema either', async (t) => {
    const parts = writable();
    const { url } = await serve(t, parts);
    for (const [method, template, path, body] of [
      ['POST', '/api/accounts', '/api/accounts', { bank: 'b', number: 5, owner: 'Eve' }],
      ['POST', '/api/accounts', '/api/accounts', { bank: 'b', number: 5, owner: 'Eve', balance: true }],
      [
        'POST',
        '/api/accounts',
        '/api/accounts',
        { bank: 'b', number: 5, owner: 'longer than ten', balance: '1.00' },
      ],
      ['PATCH', ITEM, '/api/accounts/a%2Cb,1', { status: 'SHUT' }],
      ['PATCH', ITEM, '/api/accounts/a%2Cb,1', { owner: null }],
      ['PUT', ITEM, '/api/accounts/a%2Cb,1', { owner: 'E' }],
    ] as const) {
      assert.notDeepEqual(
        violations(document, bodySchema(template, method.toLowerCase()), body),
        [],
        JSON.stringify(body),
      );
      assert.equal((await send(method, url + path, body)).status, 400, JSON.stringify(body));
    }
  });
});
