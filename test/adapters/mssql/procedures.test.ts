// The suite of stored procedures on SQL Server. The real server has them in T-SQL, the stand-in in JavaScript.

import { operations, procedures } from '../../conformance/procedures.ts';
import type { Procedure, ScalarFunction, Step } from '../../fakes/tds/procedures.ts';
import { decimalText, isDecimalKey, type Kept, Problem } from '../../fakes/tds/values.ts';
import { fake, openSource, readAll, schema } from './server.ts';

const T_SQL = [
  `create procedure $S.echo @v_int int, @v_big bigint, @v_dec decimal(30,10), @v_text nvarchar(4000), @v_day date, @v_at datetime2(6), @v_bytes varbinary(4000),
      @o_int int output, @o_big bigint output, @o_dec decimal(30,10) output, @o_text nvarchar(4000) output, @o_day date output, @o_at datetime2(6) output,
      @o_bytes varbinary(4000) output as
    select @o_int = @v_int, @o_big = @v_big, @o_dec = @v_dec, @o_text = @v_text, @o_day = @v_day, @o_at = @v_at, @o_bytes = @v_bytes`,
  `create procedure $S.advance @amount decimal(11,2) output, @step decimal(11,2), @note varchar(100) output as
    select @amount = @amount + @step, @note = @note + '!'`,
  `create function $S.total (@a decimal(11,2), @b decimal(11,2)) returns decimal(12,2) as begin return @a + @b end`,
  `create procedure $S.balances @lowest int, @many int as
    with i (id) as (select @lowest where @many > 0 union all select id + 1 from i where id < @lowest + @many - 1)
    select id, 'n' + cast(id as varchar(20)) as name, cast(id + 0.5 as decimal(11,2)) as balance, cast(null as int) as [Na me] from i order by id
    option (maxrecursion 0)`,
  `create procedure $S.statement @account int as begin
    select 'Owner ' + cast(@account as varchar(20)) as owner;
    with i (line) as (select 1 union all select line + 1 from i where line < @account)
    select line, cast(line + 0.25 as decimal(11,2)) as amount from i order by line
  end`,
  'create procedure $S.note @what varchar(100) as insert into $S.log values (@what)',
  `create procedure $S.refuse @what varchar(100) as begin
    insert into $S.log values (@what); throw 50001, 'You owe 5 EUR', 1
  end`,
  `create procedure $S.twice as begin insert into $S.log values ('twice'); insert into $S.log values ('twice') end`,
  'create procedure $S.unasked @what varchar(100) as begin insert into $S.log values (@what); select 1 as x; select 2 as x end',
  `create procedure $S.slow @what varchar(100) as begin insert into $S.log values (@what); waitfor delay '00:01:00' end`,
];

const input = (name: string, declared: string) => ({ name: `@${name}`, declared });
const output = (name: string, declared: string) => ({ name: `@${name}`, declared, output: true });
const WHAT = [input('what', 'varchar(100)')];
const TYPES = {
  int: 'int',
  big: 'bigint',
  dec: 'decimal(30,10)',
  text: 'nvarchar(4000)',
  day: 'date',
  at: 'datetime2(6)',
  bytes: 'varbinary(4000)',
};

/** The sum of two amounts of money in cents, as a text. */
function sum(a: Kept | undefined, b: Kept | undefined): Kept {
  if (!isDecimalKey(a) || !isDecimalKey(b)) return null;
  const cents = (key: string): bigint => BigInt(decimalText(key, 2).replace('.', ''));
  const total = cents(a) + cents(b);
  return `${total < 0n ? '-' : ''}${String(total < 0n ? -total : total)
    .padStart(3, '0')
    .replace(/(\d\d)$/, '.$1')}`;
}

function routinesIn(own: string): { readonly calls: readonly Procedure[]; readonly total: ScalarFunction } {
  const place = (name: string) => ({ schema: own, name });
  const log = (what: Kept | undefined): Step => ({
    kind: 'sql',
    sql: `insert into [${own}].[log] values (@what)`,
    values: { what: what ?? null },
  });
  const one = (x: bigint): Step => ({ kind: 'rows', columns: [{ name: 'x', declared: 'int' }], rows: [[x]] });
  const numbered = (values: Map<string, Kept>, name: string) => Number(values.get(name) ?? 0);
  const calls: readonly Procedure[] = [
    {
      ...place('echo'),
      parameters: [
        ...Object.entries(TYPES).map(([part, type]) => input(`v_${part}`, type)),
        ...Object.entries(TYPES).map(([part, type]) => output(`o_${part}`, type)),
      ],
      run(values) {
        for (const part of Object.keys(TYPES)) values.set(`@o_${part}`, values.get(`@v_${part}`) ?? null);
        return [];
      },
    },
    {
      ...place('advance'),
      parameters: [
        output('amount', 'decimal(11,2)'),
        input('step', 'decimal(11,2)'),
        output('note', 'varchar(100)'),
      ],
      run(values) {
        const note = values.get('@note') ?? null;
        values.set('@amount', sum(values.get('@amount'), values.get('@step')));
        values.set('@note', note === null ? null : `${note}!`);
        return [];
      },
    },
    {
      ...place('balances'),
      parameters: [input('lowest', 'int'), input('many', 'int')],
      *run(values) {
        const lowest = numbered(values, '@lowest');
        yield {
          kind: 'rows',
          columns: [
            { name: 'id', declared: 'int' },
            { name: 'name', declared: 'varchar(40)' },
            { name: 'balance', declared: 'decimal(11,2)' },
            { name: 'Na me', declared: 'int' },
          ],
          rows: Iterator.from(Array(numbered(values, '@many')).keys()).map((i) => [
            BigInt(lowest + i),
            `n${lowest + i}`,
            `${lowest + i}.50`,
            null,
          ]),
        };
      },
    },
    {
      ...place('statement'),
      parameters: [input('account', 'int')],
      *run(values) {
        const account = numbered(values, '@account');
        yield {
          kind: 'rows',
          columns: [{ name: 'owner', declared: 'varchar(40)' }],
          rows: [[`Owner ${account}`]],
        };
        yield {
          kind: 'rows',
          columns: [
            { name: 'line', declared: 'int' },
            { name: 'amount', declared: 'decimal(11,2)' },
          ],
          rows: Array.from({ length: account }, (_, i) => [BigInt(i + 1), `${i + 1}.25`]),
        };
      },
    },
    { ...place('note'), parameters: WHAT, run: (values) => [log(values.get('@what'))] },
    {
      ...place('refuse'),
      parameters: WHAT,
      *run(values) {
        yield log(values.get('@what'));
        throw new Problem(50_001, 'You owe 5 EUR');
      },
    },
    { ...place('twice'), parameters: [], run: () => [log('twice'), log('twice')] },
    { ...place('unasked'), parameters: WHAT, run: (values) => [log(values.get('@what')), one(1n), one(2n)] },
    {
      ...place('slow'),
      parameters: WHAT,
      run: (values) => [log(values.get('@what')), { kind: 'wait', seconds: 60 }],
    },
  ];
  const total: ScalarFunction = {
    ...place('total'),
    parameters: [input('a', 'decimal(11,2)'), input('b', 'decimal(11,2)')],
    returns: 'decimal(12,2)',
    value: sum,
  };
  return { calls, total };
}

procedures({
  name: 'mssql',
  raises: '50001',
  guardsReads: false,
  async open() {
    const made = ['echo', 'advance', 'balances', 'statement', 'note', 'refuse', 'twice', 'unasked', 'slow'];
    const drops = fake === undefined ? [...made.map((name) => `procedure ${name}`), 'function total'] : [];
    const own = await schema(
      [...drops, 'log'],
      'create table $S.[log] ([what] varchar(100) not null primary key)',
      ...(fake === undefined ? T_SQL : []),
    );
    if (fake !== undefined) {
      const { calls, total } = routinesIn(own);
      for (const procedure of calls) fake.procedure(procedure);
      fake.scalar(total);
    }
    return {
      source: await openSource({
        schemas: [own],
        readOnly: false,
        collections: {},
        operations: operations(
          (routine) => `${own}.${routine}`,
          { int: 'int', text: 'varchar(40)', decimal: 'decimal(11,2)' },
          false,
        ),
      }),
      async logged() {
        const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.log` } } });
        const order = [{ field: 'what', type: { kind: 'string' }, descending: false }] as const;
        const rows = await readAll(source, { collection: 'rows', where: [], order });
        return rows.map(({ what }) => String(what));
      },
    };
  },
});
