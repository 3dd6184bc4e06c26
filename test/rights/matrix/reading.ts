// Roles × collections × fields × surfaces of reading: what is answered is what the table in roles.ts says, worked out by hand, and every byte of every
// answer is searched for what must not be in it (serving.ts).

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { flat, graphqlPages, Hashes, nested, restPages, selection } from './asking.ts';
import { COLLECTIONS, type Collection, OPERATIONS, type Row } from './bank.ts';
import {
  ASKERS,
  type Asker,
  askerOf,
  fieldsSeen,
  forbiddenNames,
  isKeyed,
  meansOf,
  operationsOf,
  relationsSeen,
  rowsSeen,
  seenAs,
  shownRow,
  UNCLAIMED,
} from './roles.ts';
import type { Bank, Reply } from './serving.ts';
import { expectedTree, includeOf, isSeen, plain, selectionOf, type Tree } from './trees.ts';

/** Every asker with every collection that exists for him. */
const SEEN = ASKERS.flatMap((asker) =>
  COLLECTIONS.filter(({ name }) => meansOf(asker, name) !== undefined).map(
    (collection) => [asker, collection] as const,
  ),
);
const UNSEEN = ASKERS.flatMap((asker) =>
  COLLECTIONS.filter(({ name }) => meansOf(asker, name) === undefined).map(
    (collection) => [asker, collection] as const,
  ),
);

const collectionOf = (name: string): Collection =>
  COLLECTIONS.find((collection) => collection.name === name) ?? assert.fail(name);

/** A word that names nothing, as long as the other. */
const madeUp = (name: string): string => 'qxjqxjqxjqxjqxjqxj'.slice(0, name.length);

/** Both surfaces refuse it, for a reason of the same kind. */
function refusedAlike(rest: Reply, graphql: Reply, kind: string): void {
  assert.deepEqual([rest.kind, graphql.kind], [kind, kind], `${rest.text}\n${graphql.text}`);
  assert.ok(graphql.body.data == null, graphql.text);
}

/** `open`: a bank as it is configured for all of this. */
export function readingMatrix(open: () => Promise<Bank>): void {
  let bank: Bank;
  const hashes = new Hashes();
  before(async () => {
    bank = await open();
  });
  after(() => bank[Symbol.asyncDispose]());

  describe('rows', () => {
    for (const [asker, collection] of SEEN) {
      const { name, item, rows, key } = collection;
      const fields = fieldsSeen(asker, collection);
      const expected = rowsSeen(asker, collection).map((row) => shownRow(asker, collection, row));

      it(`${asker.name} reads ${name} page by page, the same over both surfaces`, async () => {
        hashes.same(await restPages(bank, asker, `/api/${name}?first=2`), expected, 'REST');
        hashes.same(
          await restPages(bank, asker, `/api/${name}?first=2&select=${fields.join(',')}`),
          expected,
          'select',
        );
        hashes.same(await graphqlPages(bank, asker, collection, fields), expected, 'GraphQL');
      });

      it(`${asker.name} counts ${name}, with and without reading rows`, async () => {
        const { body } = await bank.ask(asker, `/api/${name}?count=true&first=1`);
        assert.equal(body.totalCount, expected.length);
        const { body: counted } = await bank.graphql(asker, `{ ${name} { totalCount } }`);
        assert.deepEqual(counted.data, { [name]: { totalCount: expected.length } });
      });

      it(`${asker.name} streams ${name} as NDJSON and CSV`, async () => {
        const lines = await bank.ask(asker, `/api/${name}`, { headers: { accept: 'application/x-ndjson' } });
        const parsed = lines.text
          .split('\n')
          .flatMap((line) => (line === '' ? [] : [flat(JSON.parse(line))]));
        hashes.same(parsed, expected, 'NDJSON');
        const { text } = await bank.ask(asker, `/api/${name}`, { headers: { accept: 'text/csv' } });
        const [head = '', ...cells] = text.trimEnd().split('\r\n');
        assert.deepEqual(head.split(','), fields);
        const table = cells.map((line) =>
          Object.fromEntries(line.split(',').map((cell, i) => [fields[i] ?? '', cell === '' ? null : cell])),
        );
        hashes.same(table, expected, 'CSV');
      });

      it(`${asker.name} gets those rows of ${name} by their keys, and no others`, async () => {
        if (key.length === 0) return;
        const [keyField = ''] = key;
        for (const row of rows) {
          const value = String(row[keyField]);
          const rest = await bank.ask(asker, `/api/${name}/${value}`);
          const graphql = await bank.graphql(
            asker,
            `{ ${item}(${keyField}: "${value}") { ${selection(fields)} } }`,
          );
          if (!isKeyed(asker, collection)) {
            assert.equal(rest.status, 404, rest.text);
            assert.equal(graphql.kind, 'invalid', graphql.text);
            continue;
          }
          if (!rowsSeen(asker, collection).includes(row)) {
            assert.deepEqual([rest.status, rest.code], [404, 'no-such-item']);
            assert.deepEqual(graphql.body.data, { [item]: null });
            const nowhere = await bank.ask(asker, `/api/${name}/${madeUp(value)}`);
            assert.equal(rest.text.replaceAll(value, '~'), nowhere.text.replaceAll(madeUp(value), '~'));
            continue;
          }
          const shown = [shownRow(asker, collection, row)];
          hashes.same([flat(rest.body)], shown, 'REST');
          hashes.same([flat(graphql.body.data[item])], shown, 'GraphQL');
        }
      });

      it(`${asker.name}: If-None-Match of ${name} answers 304 only for the bytes that he would get`, async () => {
        const own = await bank.ask(asker, `/api/${name}`);
        const tag = own.headers.get('etag') ?? assert.fail('no ETag');
        const again = await bank.ask(asker, `/api/${name}`, { headers: { 'if-none-match': tag } });
        assert.equal(again.status, 304);
        for (const other of ASKERS) {
          const theirs = await bank.ask(other, `/api/${name}`);
          const foreign = theirs.headers.get('etag');
          if (theirs.status !== 200 || foreign === null) continue;
          const answer = await bank.ask(asker, `/api/${name}`, { headers: { 'if-none-match': foreign } });
          assert.equal(answer.status, theirs.text === own.text ? 304 : 200, other.name);
        }
      });
    }

    for (const [asker, { name, item }] of UNSEEN) {
      it(`${asker.name} finds no ${name}: it is asked for as any word is`, async () => {
        for (const path of [
          `/api/${name}`,
          `/api/${name}/x1`,
          `/api/${name}?count=true`,
          `/api/${name}/changes`,
        ]) {
          const real = await bank.ask(asker, path);
          const other = await bank.ask(asker, path.replace(name, madeUp(name)));
          assert.equal(real.status, 404, real.text);
          assert.equal(real.text.replaceAll(name, '~'), other.text.replaceAll(madeUp(name), '~'));
        }
        for (const query of [`{ ${name} { totalCount } }`, `{ ${item}(x: 1) { __typename } }`]) {
          assert.equal((await bank.graphql(asker, query)).kind, 'invalid');
        }
      });
    }

    it('a caller without the claim that a rule is told by is refused, over both surfaces alike', async () => {
      for (const name of ['customers', 'accounts', 'alerts']) {
        for (const path of [name, `${name}?count=true`, `${name}/x1`]) {
          const rest = await bank.ask(UNCLAIMED, `/api/${path}`);
          assert.deepEqual([rest.status, rest.code], [403, 'missing-claim'], rest.text);
        }
        const { kind, code, body } = await bank.graphql(
          UNCLAIMED,
          `{ ${name} { totalCount items { __typename } } }`,
        );
        assert.deepEqual([kind, code], ['forbidden', 'missing-claim']);
        assert.ok(!body.data?.[name]);
      }
      // What needs no claim is answered.
      assert.equal((await bank.ask(UNCLAIMED, '/api/postings')).status, 200);
    });

    it('nobody is told anything without a caller', async () => {
      for (const path of [
        '/api/customers',
        '/api/customers/cust01',
        '/openapi.json',
        '/health',
        '/nothing',
      ]) {
        const response = await fetch(bank.url + path);
        assert.equal(response.status, 401, path);
      }
    });
  });

  describe('fields', () => {
    for (const [asker, collection] of SEEN) {
      const { name } = collection;
      const own = rowsSeen(asker, collection);
      const fields = fieldsSeen(asker, collection);
      const shown = (rows: readonly Row[]) => rows.map((row) => shownRow(asker, collection, row));

      for (const field of collection.fields) {
        const seen = seenAs(asker, collection, field);
        const [first] = own;
        const value = first?.[field] ?? null;
        // Of a hidden or masked field its real value is what must not be confirmed.
        const literal = typeof value === 'number' || field === 'birth' ? String(value) : `'${value}'`;
        const typed = typeof value === 'number' ? `"${value}"` : JSON.stringify(value);
        const by: readonly (readonly [rest: string, args: string])[] = [
          [`filter=${field} eq ${literal}`, `filter: ${nested(field, `{ eq: ${typed} }`)},`],
          [`filter=not (${field} eq ${literal})`, `filter: { not: ${nested(field, `{ eq: ${typed} }`)} },`],
          [`${field}=${value}`, `filter: ${nested(field, `{ in: [${typed}] }`)},`],
          [`orderby=${field} desc`, `orderBy: [${nested(field, 'DESC')}],`],
        ];

        if (seen === 'open') {
          it(`${asker.name} asks ${name} by ${field}`, async () => {
            const expected = [
              own.filter((row) => row[field] === value),
              own.filter((row) => row[field] !== value),
              own.filter((row) => row[field] === value),
              own.toSorted((a, b) =>
                String(a[field]) < String(b[field]) ? 1 : String(a[field]) > String(b[field]) ? -1 : 0,
              ),
            ];
            for (const [i, [rest, args]] of by.entries()) {
              const rows = shown(expected[i] ?? []);
              hashes.same(await restPages(bank, asker, `/api/${name}?first=2&${rest}`), rows, rest);
              hashes.same(await graphqlPages(bank, asker, collection, fields, args), rows, args);
            }
          });
          continue;
        }
        it(`${asker.name} cannot ask ${name} by ${field}, which is ${seen}`, async () => {
          for (const [rest, args] of by) {
            const restReply = await bank.ask(asker, `/api/${name}?${rest}`);
            const graphql = await bank.graphql(asker, `{ ${name}(${args}) { totalCount } }`);
            refusedAlike(restReply, graphql, 'invalid');
            if (seen !== 'hidden') {
              assert.equal(restReply.code, 'masked-field', restReply.text);
              continue;
            }
            const other = await bank.ask(asker, `/api/${name}?${rest.replace(field, madeUp(field))}`);
            assert.deepEqual([restReply.status, restReply.code], [other.status, other.code]);
          }
          const selected = await bank.ask(asker, `/api/${name}?select=${field}`);
          const asked = await bank.graphql(asker, `{ ${name} { items { ${selection([field])} } } }`);
          if (seen === 'hidden') refusedAlike(selected, asked, 'invalid');
          else assert.deepEqual([selected.status, asked.kind], [200, undefined]);
        });
      }
    }
  });

  describe('relations', () => {
    for (const [asker, collection] of SEEN) {
      const { name } = collection;
      const known = relationsSeen(asker, collection);
      for (const [
        relation,
        {
          to,
          on: [local, remote],
          one = false,
        },
      ] of Object.entries(collection.relations)) {
        const target = collectionOf(to);
        const below = fieldsSeen(asker, target);

        if (!known.includes(relation)) {
          it(`${asker.name} does not find ${name}.${relation}`, async () => {
            const rest = await bank.ask(asker, `/api/${name}?include=${relation}`);
            const other = await bank.ask(asker, `/api/${name}?include=${madeUp(relation)}`);
            assert.deepEqual([rest.status, rest.code], [other.status, other.code]);
            const graphql = await bank.graphql(asker, `{ ${name} { items { ${relation} { __typename } } } }`);
            refusedAlike(rest, graphql, 'invalid');
          });
          continue;
        }

        it(`${asker.name} follows ${name}.${relation} to the rows that he sees there, and counts those`, async () => {
          const expected = rowsSeen(asker, collection).map((row) =>
            rowsSeen(asker, target)
              .filter((other) => other[remote] === row[local])
              .map((other) => shownRow(asker, target, other)),
          );
          const rest = await bank.ask(asker, `/api/${name}?include=${relation}&first=50`);
          const inside = one ? selection(below) : `items { ${selection(below)} } totalCount`;
          const graphql = await bank.graphql(
            asker,
            `{ ${name}(first: 50) { items { ${relation} { ${inside} } } } }`,
          );
          for (const [i, rows] of expected.entries()) {
            const included = rest.body.value[i][relation];
            const nestedRows = graphql.body.data[name].items[i][relation];
            if (one) {
              const list = (row: object | null) => (row === null ? [] : [flat(row)]);
              hashes.same(list(included), rows, 'REST');
              hashes.same(list(nestedRows), rows, 'GraphQL');
              continue;
            }
            hashes.same(
              included.map((row: object) => flat(row)),
              rows,
              'REST',
            );
            hashes.same(
              nestedRows.items.map((row: object) => flat(row)),
              rows,
              'GraphQL',
            );
            assert.equal(nestedRows.totalCount, rows.length);
          }
          assert.equal(rest.body.value.length, expected.length);
        });

        it(`${asker.name} can neither select nor ask by what is hidden or masked behind ${name}.${relation}`, async () => {
          for (const field of target.fields) {
            const seen = seenAs(asker, target, field);
            if (seen === 'open') continue;
            const inner = selection([field]);
            const selected = await bank.ask(
              asker,
              `/api/${name}?include=${relation}&select=${relation}.${field}`,
            );
            const asked = await bank.graphql(
              asker,
              `{ ${name} { items { ${relation} { ${one ? inner : `items { ${inner} }`} } } } }`,
            );
            if (seen === 'hidden') refusedAlike(selected, asked, 'invalid');
            if (one) continue;
            for (const args of [
              `filter: ${nested(field, '{ isNull: false }')}`,
              `orderBy: [${nested(field, 'ASC')}]`,
            ]) {
              const refused = await bank.graphql(
                asker,
                `{ ${name} { items { ${relation}(${args}) { totalCount } } } }`,
              );
              assert.equal(refused.kind, 'invalid', refused.text);
            }
          }
        });
      }
    }

    const TREES: readonly (readonly [name: string, tree: Tree])[] = [
      ['customers', { accounts: { customer: { accounts: {} }, postings: { accountOf: {} } }, alerts: {} }],
      ['accounts', { customer: { alerts: { customer: {} } }, postings: {} }],
      ['postings', { accountOf: { customer: {}, postings: {} } }],
      ['alerts', { customer: { accounts: { postings: {} } } }],
    ];
    for (const asker of ASKERS) {
      for (const [name, whole] of TREES) {
        const collection = collectionOf(name);
        if (meansOf(asker, name) === undefined) continue;
        // As much of the tree as there is for him.
        const tree = Object.fromEntries(
          Object.entries(whole).filter(([relation, below]) =>
            isSeen(asker, collection, { [relation]: below }),
          ),
        );
        if (Object.keys(tree).length === 0) continue;

        it(`${asker.name} sees ${includeOf(tree).join(', ')} of ${name}: at every level his rows and fields`, async () => {
          const expected = rowsSeen(asker, collection).map((row) =>
            expectedTree(asker, collection, row, tree),
          );
          const path = `/api/${name}?first=50&include=${includeOf(tree).join(',')}`;
          assert.deepEqual(plain((await bank.ask(asker, path)).body.value), expected, 'REST');
          const inside = selectionOf(asker, collection, tree);
          const { body } = await bank.graphql(asker, `{ ${name}(first: 50) { items { ${inside} } } }`);
          assert.deepEqual(plain(body.data[name]), expected, 'GraphQL');
          const lines = await bank.ask(asker, path.replace('first=50&', ''), {
            headers: { accept: 'application/x-ndjson' },
          });
          const parsed = lines.text
            .trimEnd()
            .split('\n')
            .map((line) => plain(JSON.parse(line)));
          assert.deepEqual(expected.length === 0 ? [] : parsed, expected, 'NDJSON');
          const [first] = rowsSeen(asker, collection);
          if (first === undefined || !isKeyed(asker, collection)) return;
          const key = first[collection.key[0] ?? ''];
          const item = await bank.ask(asker, path.replace('?first=50&', `/${key}?`));
          assert.deepEqual(plain(item.body), expected[0], 'item');
        });
      }
    }
  });

  describe('what describes the bank', () => {
    for (const asker of ASKERS) {
      it(`${asker.name}: introspection, OpenAPI, the front page and hints have his names and no others`, async () => {
        const introspection = await bank.graphql(
          asker,
          '{ __schema { types { name description fields { name description args { name description } } inputFields { name description } enumValues { name } } } }',
        );
        const pages = [introspection, await bank.ask(asker, '/openapi.json'), await bank.ask(asker, '/')];
        pages.push(await bank.ask(asker, '/', { headers: { accept: 'text/html' } }));
        for (const { status, text } of pages) {
          assert.equal(status, 200, text);
          for (const name of forbiddenNames(asker)) assert.ok(!text.includes(name), `${name} is told`);
        }
        for (const { name } of COLLECTIONS) {
          const known = meansOf(asker, name) !== undefined;
          for (const { text } of pages) assert.equal(text.includes(name), known, name);
        }
        // The nearest of the names that exist for him.
        for (const word of ['custmers', 'acounts', 'postngs', 'alrts', 'valt', 'closeDy', 'rateOff']) {
          await bank.ask(asker, `/api/${word}`);
          await bank.ask(asker, `/${word}`);
          await bank.graphql(asker, `{ ${word} { items { __typename } } }`);
        }
      });

      it(`${asker.name}: the documents say how a key is shown, and that they are his alone`, async () => {
        const { body, headers } = await bank.ask(asker, '/openapi.json');
        assert.deepEqual(body.security, [{ apiKey: [] }]);
        assert.equal(headers.get('cache-control'), 'private, no-cache');
        assert.match(headers.get('vary') ?? '', /Authorization, X-Api-Key/);
      });

      it(`${asker.name} is told of the sources that he sees, and of no faults`, async () => {
        const { body } = await bank.ask(asker, '/health');
        assert.doesNotMatch(JSON.stringify(body), /"fault"/);
      });
    }
  });

  describe('operations', () => {
    for (const asker of ASKERS) {
      for (const name of OPERATIONS) {
        const allowed = operationsOf(asker).includes(name);
        it(`${asker.name} ${allowed ? 'calls' : 'does not find'} ${name}`, async () => {
          const read = name === 'rateOf';
          const rest = await bank.ask(asker, `/api/${name}`, {
            method: 'POST',
            body: read ? { grade: 'A1' } : {},
          });
          const query = read ? '{ rateOf(grade: "A1") { percent } }' : 'mutation { closeDay }';
          const graphql = await bank.graphql(asker, query);
          if (allowed) {
            assert.deepEqual([rest.status, graphql.kind], [200, undefined], rest.text + graphql.text);
            return;
          }
          // Of what may be written there is nothing, so a word is not posted to.
          const other = await bank.ask(asker, `/api/${madeUp(name)}`, { method: 'POST', body: {} });
          assert.deepEqual([rest.status, rest.code], [other.status, other.code]);
          assert.ok([404, 405].includes(rest.status), rest.text);
          assert.equal(graphql.kind, 'invalid');
          assert.ok([404, 405].includes((await bank.ask(asker, `/api/${name}?grade=A1`)).status));
        });
      }
    }
  });

  describe('what somebody else was given', () => {
    const lists = ['customers', 'accounts', 'alerts', 'vault'];

    for (const asker of ASKERS) {
      it(`${asker.name}: a cursor of another role leads to his own rows, or nowhere`, async () => {
        for (const name of lists) {
          const collection = collectionOf(name);
          if (meansOf(asker, name) === undefined) continue;
          const own = rowsSeen(asker, collection).map((row) => shownRow(asker, collection, row));
          for (const other of ASKERS) {
            const theirs = await bank.ask(other, `/api/${name}?first=1`);
            const link: string | undefined = theirs.body?.nextLink;
            if (link === undefined) continue;
            const answer = await bank.ask(asker, link.replace('first=1', 'first=50'));
            if (answer.status !== 200) {
              assert.equal(answer.kind, 'invalid', answer.text);
              continue;
            }
            const rows = answer.body.value.map((row: object) => flat(row));
            hashes.same(
              rows,
              own.slice(own.length - rows.length),
              `${name} behind a cursor of ${other.name}`,
            );
          }
        }
      });
    }

    it('a made-up cursor finds out nothing of a key that is not seen', async () => {
      const analyst: Asker = askerOf('analyst');
      const { body } = await bank.ask(askerOf('admin'), '/api/customers?first=3');
      const answer = await bank.ask(analyst, body.nextLink.replace('first=3', 'first=1'));
      assert.deepEqual([answer.status, answer.code], [400, 'bad-cursor']);
    });
  });
}
