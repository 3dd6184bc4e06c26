// Unions, lists, record types and families: the same through REST and through GraphQL.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { violations } from '../rest/json-schema.ts';
import { type Both, type Pair, serveBoth } from './both.ts';
import { drawings, files } from './unions-catalog.ts';

const BODY = (type: string) => `{
  __typename
  ... on ${type}Circle { size note }
  ... on ${type}Square { edge: size inner {
    __typename ... on ${type}SquareInnerNumber { n } ... on ${type}SquareInnerText { t }
  } }
}`;

/** GraphQL gives `size` of a square another name, because a circle's is of another type. */
const ROWS: readonly Pair[] = [
  [
    'unions that are null, empty, nested',
    'shapes?first=4&select=id,body',
    `shapes(first: 4) { items { id body ${BODY('ShapeBody')} } }`,
  ],
  [
    'unions in a list',
    'shapes?first=4&select=bodies',
    `shapes(first: 4) { items { bodies ${BODY('ShapeBodies')} } }`,
  ],
  [
    'members of the groups in a list, lists among them',
    'shapes?first=5&select=lines.text,lines.marks',
    'shapes(first: 5) { items { lines { text marks } } }',
  ],
  [
    'another reading in the groups of a list',
    'shapes?first=2&select=lines.raw',
    'shapes(first: 2) { items { lines { raw } } }',
  ],
  ['a list without elements', 'shapes/6?select=lines.text', 'shape(id: 6) { lines { text } }'],
  [
    'a relation to rows with unions, and from them',
    'owners?select=kind,shapes.id,shapes.lines.text,shapes.owner.ownerId&include=shapes.owner',
    `owners { items { kind ${BODY('OwnerKind')} shapes { items { id lines { text } owner { ownerId } } } } }`,
  ],
  [
    'records of several types',
    'records',
    `records { items { record {
      __typename
      ... on RecordRecordHeaderRec { recType runDate }
      ... on RecordRecordOrderRec { recType orderId ownerId orderKind what {
        __typename ... on RecordRecordOrderRecWhatDetails { price } ... on RecordRecordOrderRecWhatNotes { note }
      } urgent }
      ... on RecordRecordLineRec { recType item tagCount tags { tagText } }
      ... on RecordRecordTrailerRec { recType }
    } } }`,
  ],
  [
    'a family with a union',
    'orders',
    `orders { items {
      recType orderId ownerId orderKind what {
        __typename ... on OrderWhatDetails { price } ... on OrderWhatNotes { note }
      } urgent lines { recType item tagCount tags { tagText } }
    } }`,
  ],
  [
    'members of children and of their children',
    'orders?orderby=orderKind desc&select=orderId,lines.item,lines.tags.tagText',
    'orders(orderBy: [{ orderKind: DESC }]) { items { orderId lines { item tags { tagText } } } }',
  ],
  [
    'another reading in children',
    'orders?orderId=1&select=lines.tags.tagNo',
    'orders(filter: { orderId: { eq: 1 } }) { items { lines { tags { tagNo } } } }',
  ],
  [
    'a family by its key',
    'orders/3?select=what,lines.item',
    'order(orderId: 3) { what { __typename ... on OrderWhatDetails { price } } lines { item } }',
  ],
  [
    'families by a relation, and back',
    'owners?select=ownerId,orders.orderId,orders.lines.item,orders.owner.ownerId&include=orders.owner',
    'owners { items { ownerId orders { items { orderId lines { item } owner { ownerId } } } } }',
  ],
  [
    'one type of several as a collection',
    'plainOrders?filter=orderId ge 2',
    `plainOrders(filter: { orderId: { gte: 2 } }) { items {
      recType orderId ownerId orderKind what {
        __typename ... on PlainOrderWhatDetails { price } ... on PlainOrderWhatNotes { note }
      } urgent
    } }`,
  ],
  [
    'what does not touch a union of which no rule is true',
    'badOrders?select=orderId,lines.item',
    'badOrders { items { orderId lines { item } } }',
  ],
];

/** GraphQL says of the same questions that there is no such field or argument. */
const FAULTS: readonly Pair[] = [
  ['an order by a union', 'shapes?orderby=body', 'shapes(orderBy: [{ body: ASC }]) { items { id } }'],
  [
    'a filter on a member of a union',
    "orders?filter=what.price eq '10.50'",
    'orders(filter: { what: { price: { eq: "10.50" } } }) { items { orderId } }',
  ],
  [
    'a filter on a member of a list',
    "orders?filter=lines.item eq 'INK'",
    'orders(filter: { lines: { item: { eq: "INK" } } }) { items { orderId } }',
  ],
  ['a member of a union without its type', 'orders?select=what.price', 'orders { items { what { price } } }'],
  ['an unknown member of children', 'orders?select=lines.itm', 'orders { items { lines { itm } } }'],
  [
    'another reading in a union',
    'shapes?select=body.noteText',
    'shapes { items { body { ... on ShapeBodyCircle { noteText } } } }',
  ],
];

/** What no surface can answer, with the place in GraphQL's answer. */
const BAD: readonly (readonly [...Pair, path: readonly (string | number)[]])[] = [
  ['a union', 'shapes/5?select=body', 'shape(id: 5) { id body { __typename } }', ['answer', 'body']],
  [
    'an element of a list',
    'shapes/6?select=bodies',
    'shape(id: 6) { id bodies { __typename } }',
    ['answer', 'bodies', 1],
  ],
  [
    'a union of a record',
    'badOrders?select=orderId,what',
    'badOrders { items { orderId what { __typename } } }',
    ['answer', 'items', 1, 'what'],
  ],
  [
    'a record of no type',
    'badRecords',
    'badRecords { items { record { __typename } } }',
    ['answer', 'items', 1, 'record'],
  ],
  [
    'a member of a child of a child',
    'orders/3?select=lines.tags.tagNo',
    'order(orderId: 3) { orderId lines { tags { tagNo } } }',
    ['answer', 'lines', 0, 'tags', 0, 'tagNo'],
  ],
];

describe('parity of unions, lists and families', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-parity-'));
  let both: Both;
  before(async () => {
    for (const [name, content] of Object.entries(files())) writeFileSync(join(folder, name), content);
    both = await serveBoth(join(folder, 'overpunch.yaml'), { ...adapters, drawings: async () => drawings });
  });
  after(async () => {
    await both[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  for (const [what, path, field] of ROWS) {
    it(`${what}: the same rows`, async () => {
      const one = await both.rest(path);
      const two = await both.graphql(field);
      assert.equal(one.status, 200, one.text);
      assert.equal(two.body.errors, undefined, two.text);
      assert.deepEqual(renamed(both.plain(two.body.data.answer)), both.plain(one.body.value ?? one.body));
    });
  }

  for (const [what, path, field] of FAULTS) {
    it(`${what} is refused`, async () => {
      const one = await both.rest(path);
      const two = await both.graphql(field);
      assert.equal(one.status, 400, one.text);
      assert.equal(two.status, 400, two.text);
      assert.equal(two.body.errors[0].extensions.kind, 'invalid');
      assert.match(one.body.type, /:invalid$/);
    });
  }

  for (const [what, path, field, place] of BAD) {
    it(`${what} that cannot be decoded is 502 in REST, and one located fault in GraphQL`, async () => {
      const one = await both.rest(path);
      const two = await both.graphql(field);
      assert.equal(one.status, 502, one.text);
      assert.equal(two.status, 200, two.text);
      const [error, ...more] = two.body.errors;
      assert.deepEqual([more.length, error.path], [0, place]);
      assert.ok(two.body.data.answer, 'the rest stands');
      assert.equal(`urn:overpunch:problem:${error.extensions.kind}`, one.body.type);
      const { code, record, byteOffset, hex } = error.extensions;
      assert.deepEqual(
        { code, record, byteOffset, hex },
        { code: one.body.code, record: one.body.record, byteOffset: one.body.byteOffset, hex: one.body.hex },
      );
    });
  }

  it('where a record of no type may belong to any family, no surface answers any', async () => {
    const one = await both.rest('untypedOrders/1');
    const two = await both.graphql('untypedOrder(orderId: 1) { orderId }');
    const [{ path, extensions }] = two.body.errors;
    assert.deepEqual([one.status, one.body.code, path], [502, extensions.code, ['answer']]);
    assert.deepEqual([one.body.record, extensions.record], [2, 2]);
  });

  it('pages of records of several types follow each other alike', async () => {
    const one: unknown[] = [];
    for (let next: string | undefined = 'records?first=3'; next !== undefined; ) {
      const { body }: Awaited<ReturnType<Both['rest']>> = await both.rest(next);
      one.push(...body.value.map((row: { record: { '@type': string } }) => row.record['@type']));
      next = body.nextLink?.replace('/api/', '');
    }
    const two: unknown[] = [];
    for (let after = ''; ; ) {
      const { body } = await both.graphql(
        `records(first: 3${after}) { items { record { __typename } } pageInfo { hasNextPage endCursor } }`,
      );
      const { items, pageInfo } = body.data.answer;
      two.push(...items.map((row: { record: { __typename: string } }) => row.record.__typename));
      if (!pageInfo.hasNextPage) break;
      after = `, after: "${pageInfo.endCursor}"`;
    }
    assert.equal(one.length, 8);
    assert.deepEqual(
      two,
      one.map((tag) => `RecordRecord${tag}`),
    );
  });

  it('a row is written from its bytes as it is from its values', async () => {
    for (const select of ['what,lines', 'lines.tags.tagText,orderId,lines.item', 'lines.tags,what,ownerId']) {
      const direct = await both.rest(`orders?select=${select}`);
      const related = await both.rest(`orders?select=${select}&include=owner`);
      const rows: Record<string, unknown>[] = related.body.value;
      assert.equal(
        JSON.stringify(direct.body.value),
        JSON.stringify(rows.map(({ owner: _, ...row }) => row)),
      );
    }
  });

  it('CSV has one column for each list and union, with the JSON text of what is asked of it', async () => {
    const { text } = await both.rest('orders?select=orderId,what,lines.item', { accept: 'text/csv' });
    const { body } = await both.rest('orders?select=orderId,what,lines.item');
    const cell = (json: unknown) => (typeof json === 'number' ? String(json) : quoted(JSON.stringify(json)));
    const quoted = (json: string) => (json.includes('"') ? `"${json.replaceAll('"', '""')}"` : json);
    const rows: Record<string, unknown>[] = body.value;
    const lines = [['orderId', 'what', 'lines'], ...rows.map((row) => Object.values(row).map(cell))];
    assert.equal(text, lines.map((line) => `${line.join(',')}\r\n`).join(''));
  });

  it('NDJSON has the objects of the list, one on each line', async () => {
    const { text } = await both.rest('records', { accept: 'application/x-ndjson' });
    const { body } = await both.rest('records');
    assert.equal(text, body.value.map((row: unknown) => `${JSON.stringify(row)}\n`).join(''));
  });

  it('an answer with unions and children has an ETag that stands while it does', async () => {
    const first = await both.rest('orders?select=what,lines');
    const etag = first.headers.get('etag') ?? '';
    assert.match(etag, /^".+"$/);
    assert.equal((await both.rest('orders?select=what,lines', { 'if-none-match': etag })).status, 304);
    const other = await both.rest('orders?select=what', { 'if-none-match': etag });
    assert.equal(other.status, 200);
  });

  it('the OpenAPI document describes every answer, member by member', async () => {
    const { body: document } = await both.get('/openapi.json');
    const paths = [
      'shapes?first=4',
      'shapes/6?select=lines,body',
      'owners?include=shapes&select=kind,shapes.body&first=1',
    ];
    for (const path of [
      ...paths,
      'records',
      'orders',
      'orders?include=owner',
      'plainOrders/2',
      'shapes?first=1&select=lines.raw',
    ]) {
      const { status, body, text } = await both.rest(path);
      assert.equal(status, 200, text);
      const [template = ''] = Object.keys(document.paths).filter((known) => {
        const pattern = known.replace(/^\/api\//, '').replace(/\{\w+\}/, '\\w+');
        return new RegExp(`^${pattern}$`).test(path.split('?')[0] ?? '');
      });
      const { schema } = document.paths[template].get.responses['200'].content['application/json'];
      assert.deepEqual(violations(document, schema, body), []);
    }
  });

  it('an answer of another form is none of the document', async () => {
    const { body: document } = await both.get('/openapi.json');
    const row = { $ref: '#/components/schemas/Record' };
    const wrong = [
      {},
      { '@type': 'Nothing' },
      { '@type': 'HeaderRec', runDate: '2024' },
      { '@type': 'HeaderRec', item: 'x' },
    ];
    for (const record of wrong) assert.notDeepEqual(violations(document, row, { record }), []);
    assert.deepEqual(violations(document, row, { record: { '@type': 'HeaderRec', runDate: 2024 } }), []);
  });

  const REFUSALS: readonly (readonly [path: string, message: RegExp, hint: RegExp])[] = [
    [
      "orders?filter=what.price eq '1'",
      /"what.price" lies inside "what", which is union/,
      /outside lists and unions/,
    ],
    [
      "orders?filter=lines.item eq 'x'",
      /"lines.item" lies inside "lines", which is list of/,
      /outside lists and unions/,
    ],
    [
      'orders?filter=what eq null',
      /"what" is union OrderWhat and cannot be compared/,
      /outside lists and unions/,
    ],
    ['orders?orderby=what.price', /"what.price" lies inside "what"/, /outside lists and unions/],
    [
      'orders?orderby=lines',
      /"lines" is list of object OrderLines and cannot be ordered/,
      /outside lists and unions/,
    ],
    ['orders?what=1', /"what" is union OrderWhat and cannot be compared/, /outside lists and unions/],
    ['orders?what.price=1', /"what.price" lies inside "what"/, /outside lists and unions/],
    ['orders?select=what.price', /"what" is a union, which is answered as a whole/, /^select=what$/],
    ['owners?include=orders&select=orders.what.price', /"orders.what" is a union/, /^select=orders.what$/],
    ['orders?select=lines.itm', /no field "lines.itm". Did you mean "lines.item"/, /^lines.item$/],
    ['orders?include=lines', /"lines" is a field of "orders", not a relation/, /select=lines/],
  ];
  for (const [path, message, hint] of REFUSALS) {
    it(`${path} is refused with what to do instead`, async () => {
      const { status, body, text } = await both.rest(path);
      assert.equal(status, 400, text);
      assert.match(body.detail, message);
      assert.match(body.hint ?? '', hint);
    });
  }
});

/** The alias that GraphQL needs, given back. */
function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name === 'edge' ? 'size' : name, renamed(inner)]),
  );
}
