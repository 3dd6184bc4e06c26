import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { runInNewContext } from 'node:vm';
import type { RequestHandler } from 'express';
import { createGraphql } from '../../src/graphql/yoga.ts';
import { DOCS_SCRIPT } from '../../src/http/docs.ts';
import { listen } from '../../src/http/listen.ts';
import { OPEN_PATHS } from '../../src/http/open-paths.ts';
import { type AppParts, createApp } from '../../src/http/server.ts';
import { surfaces } from '../../src/http/surface.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import { begin } from '../../src/query/context.ts';
import { createRights, everyRight } from '../../src/rights/create-rights.ts';
import { bank } from '../rest/bank.ts';
import { writable } from '../rest/writable.ts';
import { believing, type Cut, callerOf, cut, rightsOf } from './views.ts';

/** The bank; `teller` does not see accounts, balances and visits, and sees points and the day of opening only masked. */
const TELLER: Cut = {
  collections: ['customers', 'events'],
  hidden: ['customers.balance', 'customers.visits'],
  masked: { 'customers.points': 'lastFour', 'customers.opened': 'year', 'customers.photo': 'null' },
};

const ACCEPTED = { credentials: ['key', 'token', 'certificate'], anonymous: false } as const;

async function serve(t: TestContext, cuts: Readonly<Record<string, Cut>>, parts: Partial<AppParts> = {}) {
  const own = { ...bank(), ...parts };
  const { catalog, execute, policy } = own;
  const rights = rightsOf(
    Object.fromEntries(Object.entries(cuts).map(([role, of]) => [role, cut(catalog, of)])),
  );
  const app = createApp({
    ...own,
    authenticate: believing,
    health: () => [{ source: 'memory', adapter: 'memory', state: 'up', since: '2026-01-01T00:00:00Z' }],
    rights,
    accepted: ACCEPTED,
    graphql: (shown) =>
      createGraphql({ catalog: shown, execute, policy, onFault: () => {}, pageHeaders: { 'X-Api-Key': '' } }),
    ...parts,
  });
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  t.after(() => listening.close(100));
  const ask = async (role: string | undefined, path: string, init: RequestInit = {}) => {
    const headers = { ...init.headers, ...(role === undefined ? {} : { 'x-api-key': role }) };
    const response = await fetch(`${listening.url}${path}`, { ...init, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const graphql = (role: string | undefined, query: string) =>
    ask(role, '/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
  return { ...listening, ask, graphql };
}

const INTROSPECTION =
  '{ __schema { types { name fields { name args { name } } inputFields { name } enumValues { name } } } }';

describe('surfaces', () => {
  const parts = { ...bank(), health: () => [] };
  const requestOf = (
    role: string | undefined,
    of: { method?: string; url?: string; accept?: string } = {},
  ) => {
    const { method = 'GET', url = '/api/customers', accept } = of;
    const req = { method, url, originalUrl: url, headers: { accept } };
    const context = { requestId: '1', signal: new AbortController().signal };
    begin(req, role === undefined ? context : { ...context, caller: callerOf(role) });
    // cast: what of a request the surfaces look at
    return req as unknown as Parameters<ReturnType<typeof surfaces>>[0];
  };

  it('callers of one view share one surface, and what is costly of it is made once', () => {
    const made: Catalog[] = [];
    const answer: RequestHandler = () => {};
    const surfaceOf = surfaces({
      ...parts,
      rights: rightsOf({ teller: cut(parts.catalog, TELLER), all: parts.catalog }),
      graphql: (catalog) => {
        made.push(catalog);
        return answer;
      },
    });
    const teller = surfaceOf(requestOf('teller'));
    assert.equal(surfaceOf(requestOf('teller')), teller);
    assert.notEqual(surfaceOf(requestOf('all')), teller);
    assert.equal(made.length, 0, 'nothing is made before it is asked for');
    for (let i = 0; i < 3; i++) {
      // cast: the handler above looks at nothing
      const nothing = {} as never;
      surfaceOf(requestOf('teller')).graphql?.(nothing, nothing, () => {});
    }
    assert.deepEqual(made, [teller.catalog]);
  });

  it('without rights there is one surface for all, of the whole catalog, made before the first request', () => {
    let made = 0;
    const surfaceOf = surfaces({
      ...parts,
      graphql: () => {
        made++;
        return () => {};
      },
    });
    assert.equal(made, 1);
    const surface = surfaceOf(requestOf(undefined));
    assert.equal(surfaceOf(requestOf('anybody')), surface);
    assert.equal(surface.catalog, parts.catalog);
  });

  it('callers of the same roles, and all who develop, share one', () => {
    const roles = {
      a: { collections: { '*': 'read' }, operations: [] },
      b: { collections: {}, operations: [] },
    } as const;
    const of = surfaces({ ...parts, rights: createRights(parts.catalog, roles).rights });
    const asking = (own: readonly string[]) => {
      const req = requestOf('x');
      const signal = new AbortController().signal;
      begin(req, { requestId: '1', signal, caller: { ...callerOf('x'), roles: own } });
      return of(req);
    };
    assert.equal(asking(['a', 'b']), asking(['b', 'a', 'a']));
    assert.notEqual(asking(['a']), asking(['b']));
    const everything = surfaces({ ...parts, rights: everyRight(parts.catalog) });
    const surface = everything(requestOf('developer'));
    assert.equal(everything(requestOf('another')), surface);
    assert.equal(surface.catalog, parts.catalog);
  });

  it('a view that is made anew has a surface of its own, whatever its name', () => {
    let catalog = cut(parts.catalog, TELLER);
    const surfaceOf = surfaces({
      ...parts,
      rights: { viewOf: () => ({ name: 'same', catalog, rowsOf: () => [] }) },
    });
    assert.equal(surfaceOf(requestOf('teller')).catalog, catalog);
    catalog = parts.catalog;
    assert.equal(surfaceOf(requestOf('teller')).catalog, catalog);
  });
});

describe('a request without a caller', () => {
  const closed = [
    '/api',
    '/api/customers',
    '/api/customers/C00001',
    '/api/nothing',
    '/openapi.json',
    '/health',
    '/nothing',
    '/docs/x',
  ];

  for (const path of closed) {
    it(`${path} is refused, whatever is there`, async (t) => {
      const { ask } = await serve(t, { teller: TELLER });
      const { status, text } = await ask(undefined, path, { headers: { accept: 'text/html' } });
      assert.equal(status, 401);
      assert.doesNotMatch(text, /customers[^/"]|accounts|custId|Did you mean/);
      assert.equal(JSON.parse(text).code, 'no-credentials');
    });
  }

  it('a query is refused, also as the address of a page', async (t) => {
    const { graphql, ask } = await serve(t, { teller: TELLER });
    assert.equal((await graphql(undefined, INTROSPECTION)).status, 401);
    const query = `?query=${encodeURIComponent(INTROSPECTION)}`;
    assert.equal(
      (await ask(undefined, `/graphql${query}`, { headers: { accept: 'application/json' } })).status,
      401,
    );
    const page = await ask(undefined, `/graphql${query}`, { headers: { accept: 'text/html' } });
    assert.match(page.text.slice(0, 100), /<!doctype html>/i);
    assert.ok(!page.text.includes('custId'));
  });

  it('where nothing says who asks, rights refuse all the same', async (t) => {
    const rights = rightsOf({ teller: {} as Catalog });
    const listening = await listen(createApp({ ...bank(), health: () => [], rights }), {
      host: '127.0.0.1',
      port: 0,
    });
    t.after(() => listening.close(100));
    for (const path of ['/api/customers', '/openapi.json', '/health', '/nothing', '/graphql']) {
      assert.equal((await fetch(listening.url + path)).status, 401, path);
    }
  });

  it('no body is read of it', async (t) => {
    const { port } = await serve(t, { teller: TELLER });
    const status = await new Promise((resolve, reject) => {
      const out = request(
        {
          port,
          path: '/graphql',
          method: 'POST',
          headers: { 'content-type': 'application/json', 'content-length': 100 },
        },
        (response) => resolve(response.statusCode),
      );
      out.once('error', reject);
      out.flushHeaders();
    });
    assert.equal(status, 401);
  });

  it('pages without data are shown: where a credential is typed in', async (t) => {
    const { ask } = await serve(t, { teller: TELLER });
    for (const path of OPEN_PATHS) {
      const { status, text } = await ask(undefined, path);
      assert.equal(status, 200, path);
      if (path === '/') assert.doesNotMatch(text, /custId|customers|accounts/);
    }
    const page = await ask(undefined, '/graphql', { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.ok(page.text.includes('"defaultQuery":"{ __typename }'));
    assert.match(page.text, /X-Api-Key/);
  });
});

describe('what a caller is not to see', () => {
  it('is not in the OpenAPI document, the front page, the schema, the health report', async (t) => {
    const { ask, graphql } = await serve(t, { teller: TELLER, none: { collections: [] } });
    const answers = [
      await ask('teller', '/openapi.json'),
      await ask('teller', '/'),
      await ask('teller', '/', { headers: { accept: 'text/html' } }),
      await graphql('teller', INTROSPECTION),
    ];
    for (const { status, text } of answers) {
      assert.equal(status, 200);
      assert.match(text, /customers/);
      assert.doesNotMatch(text, /accounts|balance|visits/i);
    }
    for (const { headers } of answers.slice(0, 3)) {
      assert.equal(headers.get('cache-control'), 'private, no-cache');
      assert.match(headers.get('vary') ?? '', /Authorization, X-Api-Key/);
    }
    const { text } = await ask('none', '/health');
    assert.doesNotMatch(text, /memory/);
  });

  /** One address for each place where a client can write a name; `~` stands for it. */
  const places: readonly (readonly [method: string, path: string, body?: string])[] = [
    ['GET', '/api/customers?select=~'],
    ['GET', '/api/customers?select=custId,~'],
    ['GET', '/api/customers?filter=~ gt 1'],
    ['GET', '/api/customers?filter=isNull(~)'],
    ['GET', '/api/customers?orderby=~'],
    ['GET', '/api/customers?~=1'],
    ['GET', '/api/customers?include=~'],
    ['GET', '/api/customers?include=~.customer'],
    ['GET', '/api/customers?select=~.custId'],
    ['GET', '/api/customers/C00001?select=~'],
    ['GET', '/api/customers/C00001?include=~'],
    ['GET', '/api/~'],
    ['GET', '/api/~/C00001'],
    ['HEAD', '/api/~'],
    ['POST', '/api/~', '{}'],
    ['PATCH', '/api/~/1', '{}'],
    ['DELETE', '/api/~/1'],
    ['GET', '/~'],
    ['POST', '/graphql', '{"query":"{ customers { items { ~ } } }"}'],
    ['POST', '/graphql', '{"query":"{ customers { items { ~ { items { custId } } } } }"}'],
    ['POST', '/graphql', '{"query":"{ customers(filter: { ~: { eq: 1 } }) { items { custId } } }"}'],
    ['POST', '/graphql', '{"query":"{ customers(orderBy: [{ ~: ASC }]) { items { custId } } }"}'],
    ['POST', '/graphql', '{"query":"{ ~ { items { custId } } }"}'],
    ['POST', '/graphql', '{"query":"{ __type(name: \\"~\\") { name } }"}'],
  ];
  /** Hidden names, and near misses of them. */
  const names = ['balance', 'balanc', 'visits', 'vists', 'accounts', 'acounts', 'Account', 'account'];

  for (const [method, path, body] of places) {
    it(`${method} ${path} ${body ?? ''}: is answered as where there is nothing else`, async (t) => {
      const { ask } = await serve(t, { teller: TELLER });
      const small = { ...bank(), catalog: cut(bank().catalog, TELLER) };
      const { ask: askSmall } = await serve(t, { teller: {} }, small);
      const answer = async (of: typeof ask, name: string) => {
        const write = (text: string): string => text.replaceAll('~', name);
        const { status, headers, text } = await of('teller', encodeURI(write(path)), {
          method,
          ...(body === undefined
            ? {}
            : { body: write(body), headers: { 'content-type': 'application/json' } }),
        });
        return { status, allow: headers.get('allow'), text: text.replace(/"requestId":"[^"]*"/g, '') };
      };
      for (const name of names) assert.deepEqual(await answer(ask, name), await answer(askSmall, name));
    });
  }

  it('without verbs in the view nothing can be written, and Allow says so', async (t) => {
    const own = writable();
    const { ask } = await serve(t, { reader: { readOnly: ['accounts'], collections: ['accounts'] } }, own);
    for (const [method, path] of [
      ['POST', '/api/accounts'],
      ['PATCH', '/api/accounts/x%2Fy,1'],
      ['POST', '/api'],
    ] as const) {
      const { status, headers } = await ask('reader', path, {
        method,
        body: '{}',
        headers: { 'content-type': 'application/json' },
      });
      assert.equal(status, 405, path);
      assert.equal(headers.get('allow'), 'GET, HEAD, OPTIONS', path);
    }
    const { text } = await ask('reader', '/openapi.json');
    assert.doesNotMatch(text, /"(post|put|patch|delete)":/);
  });
});

describe('what a caller sees masked', () => {
  const asked: readonly (readonly [rest: string, graphql: string])[] = [
    ['filter=points eq 1', 'customers(filter: { points: { eq: 1 } }) { items { custId } }'],
    [
      "filter=not (opened eq '2024')",
      'customers(filter: { not: { opened: { eq: "2024" } } }) { items { custId } }',
    ],
    ['filter=isNull(photo)', 'customers(filter: { photo: { isNull: true } }) { items { custId } }'],
    ['orderby=custId,points desc', 'customers(orderBy: [{ points: DESC }]) { items { custId } }'],
    ['points=1', 'customers(filter: { points: { in: [1] } }) { items { custId } }'],
  ];
  for (const [rest, query] of asked) {
    it(`is not asked by: ${rest}`, async (t) => {
      const { ask, graphql } = await serve(t, { teller: TELLER });
      const answer = await ask('teller', `/api/customers?${encodeURI(rest)}`);
      assert.equal(answer.status, 400);
      assert.equal(JSON.parse(answer.text).code, 'masked-field');
      assert.doesNotMatch(answer.text, /Did you mean/);
      const { errors } = JSON.parse((await graphql('teller', `{ ${query} }`)).text);
      assert.equal(errors[0].extensions.kind ?? 'invalid', 'invalid');
      assert.ok(errors.length > 0);
    });
  }

  it('is described: a text or null, with what is shown of it, and no parameter or input has it', async (t) => {
    const { ask, graphql } = await serve(t, { teller: TELLER });
    const { components, paths } = JSON.parse((await ask('teller', '/openapi.json')).text);
    const { points, opened, photo } = components.schemas.Customer.properties;
    assert.deepEqual(points, {
      type: ['string', 'null'],
      description: 'Masked: the last four characters, * for each other.',
    });
    assert.deepEqual(opened, { type: ['string', 'null'], description: 'Masked: the year.' });
    assert.deepEqual(photo, { type: 'null', description: 'Masked: always null.' });
    const list = JSON.stringify(
      paths['/api/customers'].get.parameters.filter(({ name }: { name: string }) => name !== 'select'),
    );
    assert.match(list, /custId/);
    assert.doesNotMatch(list, /points|opened\b|photo/);

    const of = (type: string) =>
      `{ __type(name: "${type}") { fields { name type { name } description } inputFields { name } } }`;
    const { data } = JSON.parse((await graphql('teller', of('Customer'))).text);
    const field = data.__type.fields.find(({ name }: { name: string }) => name === 'points');
    assert.deepEqual(field.type, { name: 'String' });
    assert.match(field.description, /last four/);
    for (const type of ['CustomerFilter', 'CustomerOrder']) {
      const { text } = await graphql('teller', of(type));
      assert.match(text, /custId/);
      assert.doesNotMatch(text, /points|photo|"opened"/);
    }
  });

  it('inside a group is no part of what is asked by, written or expected, either', async (t) => {
    const own = writable();
    const cuts = {
      clerk: { collections: ['contacts'], masked: { 'contacts.address.city': 'lastFour' } },
    } as const;
    const { ask, graphql } = await serve(t, cuts, own);
    for (const query of ["filter=address.city eq 'x'", 'orderby=address.city', 'address.city=x']) {
      const { status, text } = await ask('clerk', `/api/contacts?${encodeURI(query)}`);
      assert.deepEqual([status, JSON.parse(text).code], [400, 'masked-field'], query);
    }
    const { components, paths } = JSON.parse((await ask('clerk', '/openapi.json')).text);
    assert.match(components.schemas.ContactAddress.properties.city.description, /^Masked/);
    assert.deepEqual(Object.keys(components.schemas.ContactAddressInput.properties), ['street']);
    const parameters = JSON.stringify(paths['/api/contacts'].get.parameters);
    assert.match(parameters, /address\.street/);
    assert.doesNotMatch(parameters, /address\.city/);
    for (const type of ['ContactAddressInput', 'ContactAddressFilter', 'ContactAddressOrder']) {
      const { text } = await graphql('clerk', `{ __type(name: "${type}") { inputFields { name } } }`);
      assert.deepEqual(JSON.parse(text).data.__type.inputFields, [{ name: 'street' }], type);
    }
    const patch = await ask('clerk', '/api/contacts/1', {
      method: 'PATCH',
      body: '{"address":{"street":"x","city":"y"}}',
      headers: { 'content-type': 'application/json' },
    });
    assert.deepEqual([patch.status, JSON.parse(patch.text).code], [400, 'unknown-argument']);
  });

  it('is no member of what is written, or expected of a row', async (t) => {
    const own = writable();
    const { ask } = await serve(
      t,
      { clerk: { masked: { 'accounts.owner': 'lastFour', 'accounts.opened': 'year' } } },
      own,
    );
    const { text } = await ask('clerk', '/openapi.json');
    const { AccountCreate, AccountUpdate, AccountReplace } = JSON.parse(text).components.schemas;
    for (const schema of [AccountCreate, AccountUpdate, AccountReplace]) {
      assert.ok('balance' in schema.properties);
      assert.ok(!('owner' in schema.properties) && !('opened' in schema.properties));
    }
    const json = { 'content-type': 'application/json' };
    const patch = await ask('clerk', '/api/accounts/a%2Cb,1', {
      method: 'PATCH',
      body: '{"owner":"x"}',
      headers: json,
    });
    assert.deepEqual([patch.status, JSON.parse(patch.text).code], [400, 'read-only-field']);
    const changes = [{ delete: 'accounts', key: { bank: 'a,b', number: '1' }, expected: { owner: 'Ann' } }];
    const batch = await ask('clerk', '/api', {
      method: 'POST',
      body: JSON.stringify({ changes }),
      headers: json,
    });
    assert.deepEqual([batch.status, JSON.parse(batch.text).code], [400, 'unknown-argument']);
  });
});

describe('pages with a credential', () => {
  it('the OpenAPI document names the credentials that are accepted, of which any is enough', async (t) => {
    const { ask } = await serve(t, { teller: TELLER });
    const document = JSON.parse((await ask('teller', '/openapi.json')).text);
    assert.deepEqual(document.security, [{ apiKey: [] }, { bearer: [] }, { clientCertificate: [] }]);
    assert.deepEqual(document.components.securitySchemes, {
      apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      clientCertificate: { type: 'mutualTLS' },
    });
  });

  interface Started {
    readonly spec: unknown;
    readonly requestInterceptor: (asked: { url: string; headers: object }) => { headers: object };
  }

  /** The script of the reference, on a page that is played here. */
  function reference(url: string, header: string, credential: string) {
    const started: Started[] = [];
    let submit: (event: { preventDefault(): void }) => void = () => {};
    const form = {
      hidden: true,
      elements: { header: { value: header }, credential: { value: credential } },
      addEventListener: (_: string, listener: typeof submit) => {
        submit = listener;
      },
    };
    const told = { textContent: '' };
    const asked: Promise<unknown>[] = [];
    runInNewContext(DOCS_SCRIPT, {
      document: { getElementById: (id: string) => (id === 'told' ? told : form) },
      location: new URL(`${url}/docs`),
      URL,
      SwaggerUIBundle: (options: Started) => started.push(options),
      fetch: (path: string, init: RequestInit) => {
        const answer = fetch(`${url}${path}`, init);
        asked.push(answer);
        return answer;
      },
    });
    const settle = async () => {
      await asked.at(-1);
      await new Promise((later) => setTimeout(later, 50));
    };
    return { form, told, started, settle, submit: () => submit({ preventDefault() {} }) };
  }

  it('the reference asks for a credential, and sends it with whatever it asks of this server', async (t) => {
    const { url } = await serve(t, { teller: TELLER });
    const page = reference(url, 'X-Api-Key', 'teller');
    await page.settle();
    assert.equal(page.form.hidden, false);
    assert.match(page.told.textContent, /Who asks/);
    assert.equal(page.started.length, 0);
    page.submit();
    await page.settle();
    const [started] = page.started;
    assert.ok(started);
    assert.match(JSON.stringify(started.spec), /customers/);
    const own = { url: `${url}/api/customers`, headers: {} };
    assert.deepEqual({ ...started.requestInterceptor(own).headers }, { 'X-Api-Key': 'teller' });
    const elsewhere = { url: 'http://elsewhere.example/', headers: {} };
    assert.deepEqual(started.requestInterceptor(elsewhere).headers, {});
  });

  it('where nobody is asked who it is, the reference shows no form', async (t) => {
    const listening = await listen(createApp({ ...bank(), health: () => [] }), {
      host: '127.0.0.1',
      port: 0,
    });
    t.after(() => listening.close(100));
    const page = reference(listening.url, '', '');
    await page.settle();
    assert.equal(page.form.hidden, true);
    assert.equal(page.started.length, 1);
  });
});
