// One GraphQL query walks customer → cards → account → transactions over four EBCDIC files; the right answer is joined
// by hand from their ASCII twins.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { createFacades } from '../../src/gateway/facades.ts';
import { openGateway } from '../../src/gateway.ts';
import { skipUnless } from '../skip.ts';

const folder = resolve(import.meta.dirname, '../../../shared/conformance/carddemo');
const skip = skipUnless(existsSync(folder), `the CardDemo files are not at ${folder}`);

const QUERY = `{
  customers(first: 50) { items {
    custId custFirstName
    cards(first: 5) { items {
      xrefCardNum
      account {
        acctId
        cards(first: 5) { items { cardNum cardEmbossedName transactions(first: 40) { totalCount items { dalytranId dalytranDesc } } } }
      }
    } }
  } }
}`;

/** What stands in the columns of a twin's lines: start and end of each. */
function twin(file: string, columns: Readonly<Record<string, readonly [number, number]>>) {
  const lines = readFileSync(resolve(folder, 'ascii', file), 'latin1')
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const cut = Object.entries(columns).map(([name, [from, to]]) => [name, line.slice(from, to).trimEnd()]);
    const row: Readonly<Record<string, string>> = Object.fromEntries(cut);
    return row;
  });
}

function joinedTwins() {
  const customers = twin('custdata.txt', { id: [0, 9], first: [9, 34] });
  const links = twin('cardxref.txt', { card: [0, 16], customer: [16, 25], account: [25, 36] });
  const cards = twin('carddata.txt', { card: [0, 16], account: [16, 27], name: [30, 80] });
  const sales = twin('dailytran.txt', { id: [0, 16], text: [32, 132], card: [262, 278] });
  const byId = (a: { readonly dalytranId: unknown }, b: { readonly dalytranId: unknown }) =>
    String(a.dalytranId) < String(b.dalytranId) ? -1 : 1;
  return customers.map(({ id, first }) => ({
    custId: Number(id),
    custFirstName: first,
    cards: {
      items: links
        .filter(({ customer }) => customer === id)
        .map(({ card, account }) => ({
          xrefCardNum: card,
          account: {
            acctId: String(Number(account)),
            cards: {
              items: cards
                .filter((candidate) => candidate['account'] === account)
                .map(({ card: cardNum, name }) => {
                  const items = sales
                    .filter((sale) => sale['card'] === cardNum)
                    .map(({ id: dalytranId, text }) => ({ dalytranId, dalytranDesc: text }))
                    .sort(byId);
                  return {
                    cardNum,
                    cardEmbossedName: name,
                    transactions: { totalCount: items.length, items },
                  };
                }),
            },
          },
        })),
    },
  }));
}

describe('CardDemo over GraphQL', { skip }, () => {
  it('walks customer → cards → account → transactions in one query', async () => {
    const { config } = await loadConfig(resolve(import.meta.dirname, 'overpunch.yaml'), adapters);
    assert.ok(config);
    await using gateway = await openGateway(config, createSecrets(config.folder, {}), () => {});
    assert.deepEqual(gateway.problems, []);
    const server = createServer(await createFacades(gateway, config, { version: '0', observe: () => {} }));
    try {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const address = server.address();
      assert.ok(typeof address === 'object' && address !== null);
      const response = await fetch(`http://127.0.0.1:${address.port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: QUERY }),
      });
      const answer: unknown = await response.json();
      assert.ok(typeof answer === 'object' && answer !== null && 'data' in answer, JSON.stringify(answer));
      const wanted = joinedTwins();
      assert.ok(JSON.stringify(wanted).length > 20_000, 'there is something to compare');
      assert.deepEqual(answer.data, { customers: { items: wanted } });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
