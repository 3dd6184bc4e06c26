// What the driver reads of decimals and moments on the wire, and what they become: the digits that were stored.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sql from 'mssql';
import { connectionConfig } from '../../../adapters/mssql/connect.ts';
import { options } from '../../../adapters/mssql/options.ts';
import { gather } from '../../../adapters/mssql/request.ts';
import { access, fault, host, schema } from './server.ts';

describe('values that no statement of ours converts', () => {
  it('come to the last digit, or are refused', async () => {
    const own = await schema(
      ['t'],
      'create table $S.[t] ([id] int not null primary key, [amount] decimal(15,2) null, [cash] money null, [long] decimal(38,10) null, [d] date null, [t] time(7) null, [d2] datetime2(7) null, [dt] datetime null, [s] smalldatetime null, [o] datetimeoffset(3) null)',
      "insert into $S.[t] values (1, -1234567890123.45, 922337.5807, 0.5, '0001-01-01', '23:59:59.9999999', '2024-02-29T10:00:00.1234567', '1753-01-01T00:00:00.003', '2024-02-29T10:01:00', '2024-02-29T01:00:00.123+02:00')",
      "insert into $S.[t] ([id], [long]) values (2, '123456789012345678.5')",
    );
    const connection = await connectionConfig(options.parse({ ...access, collections: {} }), host);
    const pool = new sql.ConnectionPool(connection);
    await pool.connect();
    const asked = async (columns: string, id: number) => {
      const text = `select ${columns} from [${own}].[t] where [id] = ${id}`;
      const [set] = await gather(pool, { sql: text, parameters: [] }, '', () => {}).sets;
      return set?.rows[0];
    };
    assert.deepEqual(await asked('[amount], [cash], [long], [d], [t], [d2], [dt], [s], [o]', 1), [
      '-1234567890123.45',
      '922337.5807',
      '0.5000000000',
      '0001-01-01',
      '23:59:59.9999999',
      '2024-02-29 10:00:00.1234567',
      '1753-01-01 00:00:00.0030000',
      '2024-02-29 10:01:00.0000000',
      '2024-02-28 23:00:00.1230000 +00:00',
    ]);
    assert.deepEqual(await asked('[amount], [d], [d2], [o]', 2), [null, null, null, null]);
    await assert.rejects(asked('[long]', 2), fault('unsupported', 'rounded-decimal'));
    await pool.close();
  });
});
