// What is kept between requests is kept for those who may see it: the same words asked by one role after another, and by all of them at once.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { flat, Hashes, nested, selection } from './asking.ts';
import { COLLECTIONS } from './bank.ts';
import {
  ASKERS,
  type Asker,
  askerOf,
  fieldsSeen,
  meansOf,
  relationsSeen,
  rowsSeen,
  seenAs,
  shownRow,
} from './roles.ts';
import { type Bank, ownBank, type Reply } from './serving.ts';

/** `open`: a bank as it is configured for all of this; `more`: what its configuration has beside its sources and roles. */
export function sharedMatrix(open: () => Promise<Bank>, more = ''): void {
  let bank: Bank;
  before(async () => {
    bank = await open();
  });
  after(() => bank[Symbol.asyncDispose]());

  describe('the same question of several roles', () => {
    const documents = COLLECTIONS.flatMap(({ name, fields }) =>
      fields.flatMap((field) => [
        `{ ${name} { items { ${selection([field])} } } }`,
        `{ ${name}(filter: ${nested(field, '{ isNull: false }')}) { totalCount } }`,
      ]),
    );
    const addresses = COLLECTIONS.flatMap(({ name, fields }) =>
      fields.flatMap((field) => [`/api/${name}?select=${field}`, `/api/${name}?filter=${field} ne null`]),
    );

    /** What is told of it, but for what differs from one time to the next. */
    const told = ({ status, text }: Reply): string =>
      `${status} ${text.replace(/,"sources":\[[^\]]*\]/g, '')}`;

    it('is answered to each as if no other had asked: a document that is known from one is not known for another', async () => {
      for (const query of documents) {
        const first = new Map<string, string>();
        // The second time it is known, the third time known to be; others ask between.
        for (let turn = 0; turn < 3; turn++) {
          for (const asker of ASKERS) {
            const answer = told(await bank.graphql(asker, query));
            assert.equal(answer, first.get(asker.name) ?? answer, `${asker.name}: ${query}`);
            first.set(asker.name, answer);
          }
        }
      }
    });

    it('is answered to each as if no other had asked: an address that was understood for one', async () => {
      for (const path of addresses) {
        const first = new Map<string, string>();
        for (let turn = 0; turn < 2; turn++) {
          for (const asker of ASKERS) {
            const answer = told(await bank.ask(asker, path));
            assert.equal(answer, first.get(asker.name) ?? answer, `${asker.name}: ${path}`);
            first.set(asker.name, answer);
          }
        }
      }
    });

    it('is answered rightly also at the same time', async () => {
      const questions = [
        '/api/customers?count=true',
        '/api/customers?include=accounts',
        '/api/accounts?orderby=balance desc&first=3',
        '/api/alerts',
        '/api/vault',
        '/api/customers/cust01',
        '/openapi.json',
      ];
      const alone = new Map<string, string>();
      const asked = ASKERS.flatMap((asker) => questions.map((path) => [asker, path] as const));
      const stable = (reply: Reply): string => told(reply).replace(/after=[\w-]+/g, 'after=…');
      for (const [asker, path] of asked)
        alone.set(`${asker.name} ${path}`, stable(await bank.ask(asker, path)));
      for (let round = 0; round < 3; round++) {
        await Promise.all(
          asked.map(async ([asker, path]) => {
            assert.equal(stable(await bank.ask(asker, path)), alone.get(`${asker.name} ${path}`), asker.name);
          }),
        );
      }
    });

    it('fragments on types that do not exist for the role are refused', async () => {
      const teller = askerOf('tellerA');
      const { kind } = await bank.graphql(
        teller,
        '{ customers { items { custId ...F } } } fragment F on Customer { ssnNo }',
      );
      assert.equal(kind, 'invalid');
      const other = await bank.graphql(
        teller,
        '{ customers { items { custId ... on VaultItem { what } } } }',
      );
      assert.equal(other.kind, 'invalid');
    });
  });

  describe('methods', () => {
    const verbs = (asker: Asker, name: string, item: boolean): string => {
      const writes = meansOf(asker, name)?.writes ?? [];
      const has = (verb: (typeof writes)[number]): boolean => writes.includes(verb);
      const own = item
        ? [
            has('upsert') || has('insert') ? ['PUT'] : [],
            has('update') ? ['PATCH'] : [],
            has('delete') ? ['DELETE'] : [],
          ]
        : [has('insert') ? ['POST'] : []];
      return ['GET', 'HEAD', ...own.flat(), 'OPTIONS'].join(', ');
    };

    for (const asker of ASKERS) {
      it(`${asker.name}: OPTIONS and Allow name the verbs that he has`, async () => {
        for (const { name, key } of COLLECTIONS) {
          if (meansOf(asker, name) === undefined || key.length === 0) continue;
          for (const [path, item] of [
            [`/api/${name}`, false],
            [`/api/${name}/x1`, true],
          ] as const) {
            const { headers } = await bank.ask(asker, path, { method: 'OPTIONS' });
            const keyed = key.every(
              (field) =>
                seenAs(asker, COLLECTIONS.find((one) => one.name === name) ?? assert.fail(), field) ===
                'open',
            );
            assert.equal(
              headers.get('allow'),
              item && !keyed ? 'GET, HEAD, OPTIONS' : verbs(asker, name, item),
              path,
            );
          }
        }
      });

      it(`${asker.name}: HEAD tells what GET tells, without a body`, async () => {
        for (const { name } of COLLECTIONS) {
          const get = await bank.ask(asker, `/api/${name}`);
          const head = await bank.ask(asker, `/api/${name}`, { method: 'HEAD' });
          assert.deepEqual([head.status, head.text], [get.status, '']);
          assert.equal(head.headers.get('etag'), get.headers.get('etag'));
        }
      });
    }
  });

  describe('links', () => {
    it('to the rest of related rows lead to the rows that the role sees of them', async (t) => {
      const own = await ownBank(t, `policy: { page: { defaultRows: 1 } }\n${more}`);
      let followed = 0;
      for (const asker of ASKERS) {
        for (const collection of COLLECTIONS) {
          for (const relation of relationsSeen(asker, collection)) {
            const of = collection.relations[relation];
            const target = COLLECTIONS.find(({ name }) => name === of?.to);
            if (of === undefined || of.one === true || target === undefined) continue;
            const { body } = await own.ask(asker, `/api/${collection.name}?include=${relation}&first=50`);
            for (const [i, row] of rowsSeen(asker, collection).entries()) {
              const shown = body.value[i];
              const rows = shown[relation].map((one: object) => flat(one));
              for (let next: string | undefined = shown[`${relation}@nextLink`]; next !== undefined; ) {
                const page: Reply = await own.ask(asker, next);
                rows.push(...page.body.value.map((one: object) => flat(one)));
                next = page.body.nextLink;
                followed++;
              }
              const expected = rowsSeen(asker, target)
                .filter((other) => other[of.on[1]] === row[of.on[0]])
                .map((other) => shownRow(asker, target, other, fieldsSeen(asker, target)));
              new Hashes().same(rows, expected, `${asker.name} ${collection.name}.${relation}`);
            }
          }
        }
      }
      assert.ok(followed > 5, `${followed} links were followed`);
    });
  });
}
