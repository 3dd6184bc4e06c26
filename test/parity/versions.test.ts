// The pages of one cursor are of one version of a file, through both surfaces, also behind a relation.

import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { folderWith } from '../config/written.ts';
import { type Both, serveBoth } from './both.ts';

const CONFIG = `
sources:
  files:
    adapter: file
    keepVersions: { most: 2 }
    collections:
      owners: { path: OWNERS.TXT, parseMap: owners.json, key: [id] }
      keyed: { path: LINES.TXT, parseMap: lines.json, key: [no] }
      keyless: { path: LINES.TXT, parseMap: lines.json }
relations:
  owners.lines: { to: keyless, on: { id: owner }, inverse: holder }
policy: { page: { defaultRows: 2 } }
`;

/** Five lines of one owner; each later version has two more, and other numbers. */
function lines(version: number): string {
  const numbers = Array.from({ length: 5 + 2 * version }, (_, i) => String(10 * version + i).padStart(4));
  return numbers.map((no) => `${no}   1   ${version}\n`).join('');
}

const MAP = ['no', 'owner', 'version'].map((name, i) => ({ name, start: 4 * i, width: 4, type: 'int' }));

const at = folderWith({
  'c.yaml': CONFIG,
  'OWNERS.TXT': '   1\n',
  'owners.json': JSON.stringify([{ name: 'id', start: 0, width: 4, type: 'int' }]),
  'LINES.TXT': lines(0),
  'lines.json': JSON.stringify(MAP),
});

function replace(version: number): void {
  writeFileSync(join(at, 'LINES.NEW'), lines(version));
  renameSync(join(at, 'LINES.NEW'), join(at, 'LINES.TXT'));
}

let both: Both;
before(async () => {
  both = await serveBoth(join(at, 'c.yaml'), adapters);
});
after(() => both[Symbol.asyncDispose]());

const FIELDS = '{ items { no version } pageInfo { endCursor } totalCount }';
const graphql = async (field: string, more = '') =>
  (await both.graphql(`${field}(first: 2${more}) ${FIELDS}`)).body.data.answer;

describe('cursors of both surfaces', () => {
  for (const name of ['keyed', 'keyless']) {
    it(`lead on in the version of the first page: ${name}`, async () => {
      replace(0);
      const rest = await both.rest(`${name}?first=2&count=true`);
      const answer = await graphql(name);
      replace(1);
      assert.equal((await both.rest(`${name}?first=1`)).body.value[0].version, 1);
      const next = await both.rest(String(rest.body.nextLink).replace('/api/', ''));
      assert.deepEqual(next.body.value, [
        { no: 2, owner: 1, version: 0 },
        { no: 3, owner: 1, version: 0 },
      ]);
      assert.equal(next.body.totalCount, 5);
      const page = await graphql(name, `, after: "${answer.pageInfo.endCursor}"`);
      assert.deepEqual(
        [page.items, page.totalCount],
        [next.body.value.map(({ no, version }: typeof next.body) => ({ no, version })), 5],
      );
      const same = await both.rest(String(rest.body.nextLink).replace('/api/', ''), {
        'if-none-match': next.headers.get('etag') ?? '',
      });
      assert.equal(same.status, 304);
    });
  }

  it('of related rows lead on in that version, too', async () => {
    replace(0);
    const rest = await both.rest('owners/1?include=lines');
    const answer = await both.graphql(`owner(id: 1) { lines(first: 2) ${FIELDS} }`);
    replace(1);
    await both.rest('keyless?first=1');
    const next = await both.rest(String(rest.body['lines@nextLink']).replace('/api/', ''));
    assert.deepEqual(
      next.body.value.map(({ no }: { readonly no: number }) => no),
      [2, 3],
    );
    const cursor = answer.body.data.answer.lines.pageInfo.endCursor;
    const page = await both.graphql(`owner(id: 1) { lines(first: 2, after: "${cursor}") ${FIELDS} }`);
    const related = page.body.data.answer.lines;
    assert.deepEqual(related.items, [
      { no: 2, version: 0 },
      { no: 3, version: 0 },
    ]);
    assert.equal(related.totalCount, 5);
  });

  it('are refused by both where the version is gone and they count rows', async () => {
    replace(0);
    const rest = await both.rest('keyless?first=2');
    const answer = await graphql('keyless');
    for (const version of [1, 2, 3]) {
      replace(version);
      await both.rest('keyless?first=1');
    }
    const gone = await both.rest(String(rest.body.nextLink).replace('/api/', ''));
    assert.deepEqual([gone.status, gone.body.code, gone.body.parameter], [412, 'cursor-expired', 'after']);
    const { body } = await both.graphql(`keyless(first: 2, after: "${answer.pageInfo.endCursor}") ${FIELDS}`);
    assert.equal(body.errors[0].extensions.code, 'cursor-expired');
  });
});
