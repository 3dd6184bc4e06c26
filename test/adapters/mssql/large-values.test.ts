import { it } from 'node:test';
import { fewAtOnce, LIMIT, neverCut, VALUES } from '../sql/large-values.ts';
import { openSource, quoted, schema } from './server.ts';

it('a value of SQL Server beyond the limit of bytes is a fault of its cell, and is never cut', async () => {
  const own = await schema(
    ['t'],
    'create table $S.[t] ([id] int not null primary key, [t] nvarchar(max), [b] varbinary(max))',
    ...VALUES.map(([text, bytes], i) => {
      const hex = new Uint8Array(bytes).fill(7).toHex();
      return `insert into $S.[t] values (${i + 1}, ${quoted(text)}, 0x${hex})`;
    }),
  );
  const table = { table: `${own}.t`, maxValueBytes: LIMIT };
  await neverCut(await openSource({ schemas: [own], collections: { rows: table } }));
});

it('rows of large values of SQL Server are handed over few at once', async () => {
  const own = await schema(
    ['t'],
    'create table $S.[t] ([id] int not null primary key, [t] varchar(max))',
    ...Array.from({ length: 20 }, (_, i) => `insert into $S.[t] values (${i + 1}, '${'x'.repeat(700_000)}')`),
  );
  await fewAtOnce(await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } }), 20);
});
