// The suite of stored procedures on PostgreSQL.

import { procedures } from '../../conformance/procedures.ts';
import { withRoutines } from './routines.ts';
import { connected, openSource, skip } from './server.ts';

procedures({
  name: 'postgres',
  skip,
  raises: 'BK001',
  guardsReads: true,
  async open() {
    const { own, source } = await withRoutines();
    return {
      source: await openSource(source),
      async logged() {
        const client = await connected();
        const { rows } = await client.query<{ what: string }>(
          `select what from ${own}.log order by what collate "C"`,
        );
        await client.end();
        return rows.map(({ what }) => what);
      },
    };
  },
});
