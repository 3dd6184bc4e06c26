// Names as old databases have them, from the catalog to a client's answer: what `import db` proposes is served as it stands, from the
// saved model. The same for every SQL product.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { stringify } from 'yaml';
import type { AdapterDefinition } from '#spi';
import { adapters } from '../../../adapters/index.ts';
import { type Both, serveBoth } from '../../parity/both.ts';
import { host, never } from './reading.ts';

/** Tables with blanks, quotes, reserved words, mixed case and hyphens, and what refers to them; `q` quotes a name. */
export function odd(q: (name: string) => string, text: string): string {
  // `int`: SQLite's `integer` is of 64 bits.
  return `
    create table ${q('Cust-omers')} (${q('Cust-Id')} int not null primary key, ${q('a b')} ${text}, ${q('a_b')} ${text}, ${q('GROUP')} ${text},
      ${q('Stra\u00dfe')} ${text});
    create table ${q('Order Items')} (${q('Item No')} int not null primary key, ${q('select')} ${text}, ${q("o'clock")} ${text},
      ${q('Cust Id')} int, foreign key (${q('Cust Id')}) references ${q('Cust-omers')} (${q('Cust-Id')}));
    create table ${q('Ledger')} (${q('year no')} int not null, ${q('year_no')} int not null, ${q('Total')} decimal(9,2),
      primary key (${q('year no')}, ${q('year_no')}));
    create table ${q('ledger lines')} (${q('Line.No')} int not null primary key, ${q('year no')} int, ${q('year_no')} int,
      foreign key (${q('year no')}, ${q('year_no')}) references ${q('Ledger')} (${q('year no')}, ${q('year_no')}));
    create view ${q('no key')} as select ${q('Cust-Id')}, ${q('a b')} from ${q('Cust-omers')};
    insert into ${q('Cust-omers')} values (1, 'one', 'eins', 'G', 'S'), (2, 'two', 'zwei', 'G', null), (3, 'two', 'drei', 'H', 'S');
    insert into ${q('Order Items')} values (10, 'x', 'noon', 1), (11, 'y', null, 1), (12, 'z', 'late', 2);
    insert into ${q('Ledger')} values (2024, 1, 1.50), (2024, 2, 2.50);
    insert into ${q('ledger lines')} values (1, 2024, 1), (2, 2024, 1), (3, 2024, 2);`;
}

/** Serves what an import of the source proposes. */
export async function imported<Options>(
  adapter: AdapterDefinition<Options>,
  options: Readonly<Record<string, unknown>>,
): Promise<{ readonly both: Both; readonly summary: readonly string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const description = await adapter.describe?.(
    adapter.options.parse({ ...options, collections: {} }),
    host,
    never,
  );
  assert.ok(description !== undefined);
  writeFileSync(join(folder, 'model.json'), description.text);
  const source = { adapter: adapter.name, ...options, model: 'model.json' };
  const { summary } = description;
  const from = summary.indexOf('collections:');
  const relations = summary.indexOf('relations:');
  const collections = summary.slice(from, relations < 0 ? undefined : relations);
  const config = [
    'sources:',
    '  own:',
    ...indented(stringify(source), 4),
    ...indented(collections.join('\n'), 4),
    ...(relations < 0 ? [] : summary.slice(relations)),
  ];
  writeFileSync(join(folder, 'c.yaml'), config.join('\n'));
  const both = await serveBoth(join(folder, 'c.yaml'), adapters);
  after(() => both[Symbol.asyncDispose]());
  return { both, summary };
}

function indented(text: string, by: number): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => ' '.repeat(by) + line);
}

/** Filters, orders, pages and follows relations of what `odd` made, on both surfaces. */
export async function askOdd(both: Both): Promise<void> {
  const rest = async (path: string): Promise<unknown> => {
    const { status, body, text } = await both.rest(path);
    assert.equal(status, 200, text);
    return body.value ?? body;
  };
  assert.deepEqual(await rest("custOmers?filter=group eq 'G' and aB2 ne 'eins'&select=custId,aB,aB2"), [
    { custId: 2, aB: 'two', aB2: 'zwei' },
  ]);
  assert.deepEqual(await rest('orderItems?orderby=select desc&first=1&select=itemNo,select,oClock'), [
    { itemNo: 12, select: 'z', oClock: 'late' },
  ]);
  assert.deepEqual(await rest('ledger/2024,2'), { yearNo: 2024, yearNo2: 2, total: '2.50' });
  const first = await both.rest('orderItems?orderby=oClock&first=2');
  assert.match(first.body.nextLink, /^\/api\/orderItems/);
  const next = await both.get(first.body.nextLink);
  assert.deepEqual(
    [...first.body.value, ...next.body.value].map(({ itemNo }) => itemNo),
    [11, 12, 10],
  );
  const view = await both.rest('noKey?orderby=aB&first=2');
  const rest2 = await both.get(view.body.nextLink);
  assert.deepEqual(
    [...view.body.value, ...rest2.body.value].map(({ custId, aB }) => `${custId} ${aB}`),
    ['1 one', '2 two', '3 two'],
  );
  const { body, text } = await both.ask(`{
    orderItems(filter: { oClock: { isNull: false } }) { items { itemNo cust { custId straE } } }
    ledgerLines { items { lineNo ledger { total } } }
    ledger { items { yearNo2 ledgerLines { totalCount items { lineNo } } } }
  }`);
  assert.deepEqual(
    body.data,
    {
      orderItems: {
        items: [
          { itemNo: 10, cust: { custId: 1, straE: 'S' } },
          { itemNo: 12, cust: { custId: 2, straE: null } },
        ],
      },
      ledgerLines: {
        items: [
          { lineNo: 1, ledger: { total: '1.50' } },
          { lineNo: 2, ledger: { total: '1.50' } },
          { lineNo: 3, ledger: { total: '2.50' } },
        ],
      },
      ledger: {
        items: [
          { yearNo2: 1, ledgerLines: { totalCount: 2, items: [{ lineNo: 1 }, { lineNo: 2 }] } },
          { yearNo2: 2, ledgerLines: { totalCount: 1, items: [{ lineNo: 3 }] } },
        ],
      },
    },
    text,
  );
}
