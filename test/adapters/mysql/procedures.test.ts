// The suite of stored procedures on MariaDB or MySQL.

import type { RowDataPacket } from 'mysql2';
import { procedures } from '../../conformance/procedures.ts';
import { withRoutines } from './routines.ts';
import { connected, openSource, skip } from './server.ts';

procedures({
  name: 'mysql',
  skip,
  raises: '45000',
  guardsReads: true,
  async open() {
    const { own, source } = await withRoutines();
    return {
      source: await openSource(source),
      async logged() {
        const connection = await connected();
        const [rows] = await connection.query<RowDataPacket[]>(`select what from ${own}.log order by what`);
        await connection.end();
        return rows.map(({ what }) => String(what));
      },
    };
  },
});
