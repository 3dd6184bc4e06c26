import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseCopybook } from '../../../src/codec/copybook/parse.ts';
import type { Copybook, Item } from '../../../src/codec/copybook/tree.ts';
import { skipUnless } from '../../skip.ts';

const folder = join(import.meta.dirname, '../../../../shared/conformance');
const skip = skipUnless(existsSync(folder), `there is no folder ${folder}`);

function parse(path: string): Copybook {
  return parseCopybook(readFileSync(join(folder, path), 'latin1'), { file: path });
}

/** Bytes of a record without tables and binary items, as a check on what was read. */
function displayBytes(item: Item): number {
  const below = item.children.filter(({ redefines }) => redefines === undefined).map(displayBytes);
  return (item.picture?.positions ?? 0) + below.reduce((sum, bytes) => sum + bytes, 0);
}

describe('published copybooks', { skip }, () => {
  const displayOnly: Readonly<Record<string, number>> = {
    'carddemo/copybooks/CVACT01Y.cpy': 300,
    'carddemo/copybooks/CVACT02Y.cpy': 150,
    'carddemo/copybooks/CVACT03Y.cpy': 50,
    'carddemo/copybooks/CVCUS01Y.cpy': 500,
    'carddemo/copybooks/CVTRA06Y.cpy': 350,
    'cobrix/test5_copybook.cob': 64,
    'cobrix/test19_display_num.cob': 80,
  };
  for (const [path, bytes] of Object.entries(displayOnly)) {
    it(`${path} has one record of ${bytes} bytes`, () => {
      const { records } = parse(path);
      assert.deepEqual(records.map(displayBytes), [bytes]);
    });
  }

  for (const path of ['cobrix/test3_copybook.cob', 'cobrix/test9_copybook.cob']) {
    it(`${path} has six items, the last of them binary`, () => {
      const items = parse(path).records[0]?.children ?? [];
      assert.deepEqual([items.length, items.at(-1)?.usage, items.at(-1)?.picture?.scale], [6, 'comp', 2]);
    });
  }

  it('cobrix/test1_copybook.cob has a table of up to 80 accounts that depends on NUMBER-OF-ACCTS', () => {
    const [, company, metadata] = parse('cobrix/test1_copybook.cob').records[0]?.children ?? [];
    assert.equal(company?.children[2]?.redefines, 'COMPANY-ID-NUM');
    const table = metadata?.children[3]?.children[0];
    assert.deepEqual(table?.occurs, {
      min: 1,
      max: 80,
      dependingOn: { name: 'NUMBER-OF-ACCTS', of: [], place: { line: 32, column: 55 } },
    });
    assert.equal(table?.children.length, 3);
  });

  it('cobrix/test6_copybook.cob has one record of 195 fields', () => {
    const { records } = parse('cobrix/test6_copybook.cob');
    const fields = (item: Item): number =>
      item.children.reduce((sum, child) => sum + fields(child), item.children.length === 0 ? 1 : 0);
    assert.deepEqual(records.map(fields), [195]);
  });
});
