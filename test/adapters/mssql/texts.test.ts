// Texts that SQL Server orders by their UTF-16 units, and we by their code points.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Conjunct, Scalar } from '#spi';
import { DEFAULT_POLICY } from '../../../src/policy.ts';
import { read } from '../../../src/run/read.ts';
import { byId, never, openSource, schema } from './server.ts';

const STRING: Scalar = { kind: 'string' };

describe('texts beyond U+FFFF in SQL Server', () => {
  it('stand in a range as their code points do, whatever the server orders by', async () => {
    const own = await schema(
      ['T'],
      'create table $S.[T] ([id] int not null primary key, [t] nvarchar(20) not null)',
      "insert into $S.[T] values (1, N'a'), (2, N'\u{1f600}'), (3, N'\uff21'), (4, N'z')",
    );
    const source = await openSource({ collections: { rows: { table: `${own}.T` } } });
    const ids = async (op: 'lt' | 'gt', value: string): Promise<readonly unknown[]> => {
      const where: readonly Conjunct[] = [{ op, field: 't', type: STRING, value }];
      const query = { collection: 'rows', where, order: byId };
      const found: unknown[] = [];
      for await (const batch of read(source, query, { fields: ['id'], signal: never }, DEFAULT_POLICY)) {
        for (let i = 0; i < batch.length; i++) found.push(batch.row(i)['id']);
      }
      return found;
    };
    assert.deepEqual(await ids('gt', '\uff21'), [2]);
    assert.deepEqual(await ids('lt', '\u{1f600}'), [1, 3, 4]);
    assert.deepEqual(await ids('gt', 'm'), [2, 3, 4]);
  });
});
