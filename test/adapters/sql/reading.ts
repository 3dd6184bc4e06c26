// What tests of every SQL product ask for, and what they expect of its faults.

import assert from 'node:assert/strict';
import { Fault, type FaultKind, type Host, type Order, type Query, type Row, type Source } from '#spi';

export const host: Host = {
  source: 'db',
  path: (relative) => relative,
  secret: () => Promise.reject(new Error('no secret here')),
  sliceMs: 10,
};

export const never = new AbortController().signal;
export const byId: Order = [{ field: 'id', type: { kind: 'int32' }, descending: false }];
/** All rows of the collection that the tests here ask for. */
export const everything: Query = { collection: 'rows', where: [], order: byId };

export async function readAll(source: Source, query: Query = everything, signal = never): Promise<Row[]> {
  const rows: Row[] = [];
  const fields = source.model.collections[0]?.fields.map(({ name }) => name) ?? [];
  for await (const batch of source.access(query).read({ fields, signal })) {
    for (let i = 0; i < batch.length; i++) rows.push(batch.row(i));
  }
  return rows;
}

/** Words of the messages of SQLite, PostgreSQL, MySQL and MariaDB. */
const THEIRS =
  /select|no such (?:table|column)|near ["']|relation "|duplicate (?:key|entry)|violates|doesn't exist/i;

/** For `assert.rejects`: this kind and code, and no word of the database. */
export function fault(kind: FaultKind, code: string, misconfigured = false) {
  return (error: unknown): true => {
    assert.ok(error instanceof Fault, String(error));
    assert.deepEqual([error.kind, error.code, error.misconfigured], [kind, code, misconfigured]);
    assert.doesNotMatch(error.message, THEIRS);
    return true;
  };
}
