// How the text of a copybook is read, as the YAML says it.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collect, folder, hostAt, openFiles } from './opening.ts';

const TAGGED = `       01 :TAG:-REC.
          05 :TAG:-ID     PIC 9(3).
       >>IF LONG = 1
          05 :TAG:-NAME   PIC X(6).
       >>ELSE
          05 :TAG:-NAME   PIC X(3).
       >>END-IF
          05 :TAG:-PRICE  PIC €ZZ9,99.
      D   05 :TAG:-TRACE  PIC X.
`;

const collection = {
  path: 'items.dat',
  copybook: 'tagged.cpy',
  charset: 'iso-8859-15',
  replacing: { ':TAG:': 'ITEM' },
  defines: { LONG: 0 },
  decimalComma: true,
  currency: { '€': 'EUR' },
  records: { format: 'F' },
};

describe('a copybook', () => {
  it('is read with the replacements, constants, signs and lines that the configuration gives', async () => {
    using files = folder({ 'tagged.cpy': TAGGED, 'items.dat': Buffer.from('007BoxEUR 12,50', 'latin1') });
    await using source = await openFiles(hostAt(files.path), { collections: { items: collection } });
    assert.deepEqual(await collect(source, { collection: 'items' }), [
      { itemId: 7, itemName: 'Box', itemPrice: '12.50' },
    ]);
    files.write('items.dat', Buffer.from('007BottleEUR 12,50!', 'latin1'));
    await using longer = await openFiles(hostAt(files.path), {
      collections: { items: { ...collection, defines: { LONG: 1 }, debugging: true } },
    });
    assert.deepEqual(await collect(longer, { collection: 'items' }), [
      { itemId: 7, itemName: 'Bottle', itemPrice: '12.50', itemTrace: '!' },
    ]);
  });

  it('is what these options are about: beside a parse map they are refused, not ignored', () => {
    using files = folder({ 'map.json': '[{ "name": "a", "start": 0, "width": 1 }]', 'a.txt': 'x\n' });
    const { path, defines } = { path: 'a.txt', defines: { LONG: 1 } };
    const open = () =>
      openFiles(hostAt(files.path), { collections: { items: { path, parseMap: 'map.json', defines } } });
    assert.throws(open, /says how a copybook is read/);
  });
});
