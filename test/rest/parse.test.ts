import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import type { Representation } from '../../src/rest/negotiate.ts';
import { parseRest, type RestRequest } from '../../src/rest/parse.ts';
import { bank } from './bank.ts';

const { catalog, policy } = bank();

function parse(url: string, representation: Representation = 'json'): RestRequest {
  return parseRest(url, representation, catalog, policy);
}

function listOf(url: string, representation: Representation = 'json') {
  const { request } = parse(url, representation);
  assert.equal(request.kind, 'list');
  return request.kind === 'list' ? request : assert.fail();
}

function faultOf(url: string, representation: Representation = 'json'): Fault {
  try {
    parse(url, representation);
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error;
  }
  return assert.fail(`${url.slice(0, 80)} was accepted`);
}

const ALL = [
  'custId',
  'name',
  'status',
  'balance',
  'points',
  'visits',
  'active',
  'opened',
  'photo',
  'address',
  'tags',
];

describe('REST requests', () => {
  it('a list without parameters asks for every field but alternate readings', () => {
    assert.deepEqual(listOf('/api/customers'), {
      kind: 'list',
      collection: 'customers',
      selection: { fields: ALL, include: [] },
      where: [],
      order: [],
      count: false,
    });
  });

  it('every parameter has a form with a dollar sign in front', () => {
    const plain =
      'select=custId&filter=points gt 1&orderby=name desc&first=2&after=x&include=accounts&count=true';
    const dollars = plain.replaceAll(/(^|&)/g, '$1$');
    assert.deepEqual(parse(`/api/customers?${dollars}`).request, parse(`/api/customers?${plain}`).request);
  });

  it('both forms of one parameter, or one twice, are refused', () => {
    for (const query of ['first=1&$first=1', 'first=1&first=1', '$count=true&$count=true']) {
      assert.equal(faultOf(`/api/customers?${query}`).code, 'repeated-parameter');
    }
  });

  it('a field as a parameter is equality, several values are any of them', () => {
    const { where } = listOf(
      '/api/customers?status=OPEN&address.city=K%C3%B6ln&points=1&points=2&filter=active eq true',
    );
    assert.deepEqual(
      where.map((conjunct) => [
        conjunct.op,
        'field' in conjunct && conjunct.field,
        'value' in conjunct && conjunct.value,
      ]),
      [
        ['eq', 'status', 'OPEN'],
        ['eq', 'address.city', 'Köln'],
        ['in', 'points', false],
        ['eq', 'active', true],
      ],
    );
  });

  it('a misspelt parameter is refused with the nearest word, never ignored', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['fitler=points eq 1', 'filter'],
      ['$fitler=points eq 1', 'filter'],
      ['orderBy=name', 'orderby'],
      ['stauts=OPEN', 'status'],
      ['$status=OPEN', 'status'],
      ['address.ctiy=Bonn', 'address.city'],
    ];
    for (const [query, near] of cases) {
      const fault = faultOf(`/api/customers?${query}`);
      assert.equal(fault.code, 'unknown-parameter');
      assert.equal(fault.place.hint, near);
    }
  });

  it('an item takes select and include only', () => {
    assert.match(faultOf('/api/customers/C00001?first=1').message, /is for lists/);
    assert.equal(faultOf('/api/customers/C00001?status=OPEN').code, 'unknown-parameter');
  });

  it('select keeps its order, gathers a group and drops what a group already covers', () => {
    const fieldsOf = (select: string) => listOf(`/api/customers?select=${select}`).selection.fields;
    assert.deepEqual(fieldsOf('name,custId'), ['name', 'custId']);
    assert.deepEqual(fieldsOf('address.zip, name ,address.city'), ['address.zip', 'address.city', 'name']);
    assert.deepEqual(fieldsOf('address.zip,address,name,name'), ['address', 'name']);
    assert.deepEqual(fieldsOf('openedRaw'), ['openedRaw']);
  });

  it('relations upon relations are refused before anything goes down so far', () => {
    const deep = Array.from({ length: 9_000 }, (_, i) => (i % 2 === 0 ? 'accounts' : 'customer')).join('.');
    const { kind, code } = faultOf(`/api/customers?include=${deep}`);
    assert.deepEqual([kind, code], ['too-costly', 'depth-limit']);
  });

  it('select reaches into included relations; a level of which nothing is named answers everything', () => {
    const { fields, include } = listOf(
      '/api/customers?select=accounts.balance&include=accounts.customer',
    ).selection;
    assert.deepEqual(fields, ALL);
    assert.deepEqual(
      include.map(({ as, selection }) => [as, selection.fields]),
      [['accounts', ['balance']]],
    );
    assert.deepEqual(include[0]?.selection.include[0]?.relation, 'customer');
  });

  const bad: readonly (readonly [url: string, code: string, message: RegExp])[] = [
    ['/api/customers?select=nmae', 'unknown-field', /Did you mean "name"/],
    ['/api/customers?select=address.ctiy', 'unknown-field', /no field/],
    ['/api/customers?select=accounts.balance', 'unknown-field', /is a relation/],
    ['/api/customers?select=accounts&include=accounts', 'unknown-field', /is a relation/],
    ['/api/customers?select=__proto__', 'unknown-field', /no field/],
    ['/api/customers?select=', 'bad-select', /empty/],
    ['/api/customers?select=name,,custId', 'bad-select', /empty/],
    ['/api/customers?include=acounts', 'unknown-relation', /Did you mean "accounts"/],
    ['/api/customers?include=accounts.customr', 'unknown-relation', /Did you mean "accounts.customer"/],
    ['/api/customers?orderby=nam', 'unknown-field', /Did you mean "name"/],
    ['/api/customers?orderby=name down', 'bad-orderby', /asc or desc/],
    ['/api/customers?orderby=tags', 'not-comparable', /list of string/],
    ['/api/customers?orderby=address', 'not-comparable', /object/],
    ['/api/customers?first=0', 'bad-first', /from 1 to 1000/],
    ['/api/customers?first=-1', 'bad-first', /whole number/],
    ['/api/customers?first=ten', 'bad-first', /"ten"/],
    ['/api/customers?first=1.0', 'bad-first', /whole number/],
    ['/api/customers?first=', 'bad-first', /whole number/],
    ['/api/customers?count=yes', 'bad-count', /true or false/],
    ['/api/customers?points=many', 'bad-value', /int32/],
    ['/api/customers?status=OPNE', 'bad-value', /Did you mean "OPEN"/],
    ['/api/customers?filter=points gt', 'bad-filter', /found the end/],
    ['/api/customers?name=%FF', 'bad-encoding', /percent-encoded/],
    ['/api/customers?name=%', 'bad-encoding', /percent-encoded/],
    ['/api/customers?=x', 'unknown-parameter', /no parameter ""/],
    ['/api/customers?__proto__=x', 'unknown-parameter', /__proto__/],
    ['/api/customers?a%0Ab=x', 'unknown-parameter', /a\\nb/],
    ['/api/accounts/a', 'bad-key', /bank,number/],
    ['/api/accounts/a,1,2', 'bad-key', /bank,number/],
    ['/api/accounts/a,x', 'bad-key', /int64/],
    ['/api/accounts/%FF,1', 'bad-encoding', /percent-encoded/],
  ];
  for (const [url, code, message] of bad) {
    it(`refuses ${url}`, () => {
      const fault = faultOf(url);
      assert.deepEqual([fault.kind, fault.code], ['invalid', code]);
      assert.match(fault.message, message);
      assert.ok(fault.place.parameter !== undefined || fault.place.collection !== undefined);
    });
  }

  it('a page above the limit is too costly', () => {
    for (const first of ['1001', '999999999999999']) {
      const fault = faultOf(`/api/customers?first=${first}`);
      assert.deepEqual([fault.kind, fault.code], ['too-costly', 'page-limit']);
    }
    assert.equal(listOf('/api/customers?first=1000').first, 1000);
  });

  it('a name of 10,000 characters comes back short', () => {
    const fault = faultOf(`/api/customers?${'x'.repeat(10_000)}=1`);
    assert.ok(fault.message.length < 200 && (fault.place.parameter ?? '').length <= 60);
    assert.ok(faultOf(`/api/customers?select=${'x'.repeat(10_000)}`).message.length < 300);
    assert.ok(faultOf(`/api/customers?orderby=${'name '.repeat(2_000)}`).message.length < 300);
    assert.ok(faultOf(`/api/${'x'.repeat(10_000)}`).message.length < 300);
  });

  it('key values stand in declared order, with their commas and slashes escaped', () => {
    const keyOf = (url: string) => {
      const { request } = parse(url);
      return request.kind === 'item' ? request.key : assert.fail();
    };
    assert.deepEqual(keyOf('/api/accounts/a%2Cb,7'), ['a,b', 7n]);
    assert.deepEqual(keyOf('/api/accounts/x%2Fy,9007199254740993'), ['x/y', 9007199254740993n]);
    assert.deepEqual(keyOf('/api/customers/a+b%20c'), ['a+b c']);
  });

  it('what is not there is not found, with the nearest path', () => {
    assert.equal(faultOf('/api/custmers').place.hint, '/api/customers');
    assert.equal(faultOf('/api/custmers/1').kind, 'not-found');
    assert.equal(faultOf('/api/customers/1/2').kind, 'not-found');
    assert.equal(faultOf('/api/customers/').kind, 'not-found');
    assert.equal(faultOf('/api/__proto__').kind, 'not-found');
    assert.deepEqual(
      [faultOf('/api').kind, faultOf('/api/').place.hint],
      ['not-found', 'customers, accounts, events'],
    );
    assert.deepEqual(
      [faultOf('/api/events/1').kind, faultOf('/api/events/1').code],
      ['not-found', 'keyless'],
    );
  });

  it('a stream without first is the whole collection, JSON is a page', () => {
    assert.equal(listOf('/api/customers', 'ndjson').first, 'all');
    assert.equal(listOf('/api/customers', 'csv').first, 'all');
    assert.equal(listOf('/api/customers', 'json').first, undefined);
    assert.equal(listOf('/api/customers?first=3', 'csv').first, 3);
  });

  it('a table has no place for related rows, and only JSON has one for the count', () => {
    assert.equal(faultOf('/api/customers?include=accounts', 'csv').code, 'csv-include');
    assert.equal(faultOf('/api/customers?count=true', 'csv').code, 'bad-count');
    assert.equal(faultOf('/api/customers?count=true', 'ndjson').code, 'bad-count');
  });

  it('the link to the same list keeps the parameters of the client but its cursor', () => {
    const { self } = parse("/api/customers?filter=name+eq+'a%26b'&$after=x&%24first=2&name=%3E%22");
    assert.equal(self, "/api/customers?filter=name%20eq%20'a%26b'&%24first=2&name=%3E%22&");
  });
});
