// What MariaDB and MySQL have beyond the suite of procedures: their own types in parameters, result sets that come or do not, signals.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RowDataPacket } from 'mysql2';
import { type Cell, Fault, type Source, settled, type Value } from '#spi';
import { connected, database, fault, killSleeping, never, openSource, savedModel, skip } from './server.ts';

/** Type of a parameter → a value of it. */
const TYPES: Readonly<Record<string, Value>> = {
  'tinyint(1)': true,
  'bit(1)': false,
  'bit(10)': new Uint8Array([2, 1]),
  smallint: -5,
  'int unsigned': 4_294_967_295n,
  'bigint unsigned': '18446744073709551615',
  'decimal(65,30)': '12345678901234567890123456789012345.123456789012345678901234567890',
  float: 0.1,
  double: 0.1,
  year: 2024,
  'time(3)': '23:59:59.123',
  'timestamp(2)': '2024-02-29T10:00:00.25Z',
  'datetime(6)': '2024-02-29T10:00:00.123456',
  "enum('A','it''s')": "it's",
  "set('x','y')": 'x,y',
  json: '{"a": 1.10}',
  'char(5)': 'ab',
  'varchar(10) character set latin1': 'Grüße',
  longtext: '日本語 😀'.repeat(1_000),
  'binary(3)': new Uint8Array([0, 255, 0]),
  longblob: new Uint8Array(100_000).fill(254),
};

const TYPED = Object.keys(TYPES).map(
  (type, i) =>
    `create procedure typed${i}(v ${type}, out o ${type}, inout io ${type}) set o = v;
     create function f${i}(v ${type}) returns ${type} deterministic return v;`,
);

const SQL = `
  create table log (what varchar(100) primary key, changed int) engine = InnoDB;
  ${TYPED.join('\n')}
  create procedure same(n int) select n as id;
  create function same(n int) returns int deterministic return n + 1;
  create procedure \`Od"d na.me\`(\`a b\` int, out \`select\` int) set \`select\` = \`a b\` * 2;
  create procedure sometimes(n int) begin
    if n > 0 then select 1 as id; end if;
    if n > 1 then select 'x' as t from dual where n > 2; end if;
  end;
  create procedure doubled() select 1 as id, 2 as ID;
  create procedure unnamed() select count(*), 'x' from dual;
  create procedure counts() begin insert into log values ('a', 1), ('b', 2); select what from log order by what; delete from log; end;
  create procedure signals(state char(5), number int) begin
    insert into log values ('signal', 1);
    case state
      when '45000' then if number is null then signal sqlstate '45000' set message_text = 'secret text';
        else signal sqlstate '45000' set message_text = 'secret text', mysql_errno = 31001; end if;
      else signal sqlstate '02000' set message_text = 'secret text';
    end case;
  end;
  create procedure divided(n int) begin insert into log values ('x', 1 / n); end;
  create procedure halfway() begin insert into log values ('halfway', 1); signal sqlstate '45000'; end;
  create procedure sleeps(n int) begin do sleep(n); end;
  create function place(p point) returns int deterministic return 1;
  create procedure placed(out p point) set p = null;`;

describe('routines of MariaDB and MySQL', { skip }, async () => {
  const own = skip === false ? await database(SQL) : '';
  const model = skip === false ? await savedModel(own) : '';

  const open = async (
    operations: Readonly<Record<string, object>>,
    more: object = { readOnly: false },
  ): Promise<{ source: Source; call: (name: string, input?: Record<string, Value>) => Promise<Cell> }> => {
    const named = Object.entries(operations).map(([name, options]) => [
      name,
      { procedure: `${own}.${name}`, ...options },
    ]);
    const source = await openSource({
      database: own,
      model,
      collections: {},
      operations: Object.fromEntries(named),
      ...more,
    });
    return {
      source,
      call: async (name, input = {}) => {
        const { invoke } = source;
        assert.ok(invoke);
        return settled(await invoke(name, input, { signal: never }));
      },
    };
  };
  const logged = async (): Promise<readonly string[]> => {
    const connection = await connected();
    const [rows] = await connection.query<RowDataPacket[]>(`select what from ${own}.log order by what`);
    await connection.query(`delete from ${own}.log`);
    await connection.end();
    return rows.map(({ what }) => String(what));
  };

  it('every type goes in, out and back as it is', async () => {
    const optional = { arguments: { v: { optional: true }, io: { optional: true } } };
    const { call } = await open(
      Object.fromEntries(
        Object.keys(TYPES).flatMap((_, i) => [
          [`typed${i}`, optional],
          [`f${i}`, { effect: 'read', arguments: { v: { optional: true } } }],
        ]),
      ),
    );
    for (const [i, [type, value]] of Object.entries(TYPES).entries()) {
      assert.deepEqual(await call(`typed${i}`, { v: value, io: value }), { o: value, io: value }, type);
      assert.deepEqual(await call(`typed${i}`), { o: null, io: null }, type);
      assert.deepEqual(await call(`f${i}`, { v: value }), value, type);
      assert.equal(await call(`f${i}`), null, type);
    }
  });

  it('what a parameter would round, cut or move is refused', async () => {
    const names = Object.keys(TYPES);
    const at = (type: string) => `typed${names.indexOf(type)}`;
    const cases: readonly (readonly [string, Value])[] = [
      ['time(3)', '23:59:59.1234'],
      ['datetime(6)', '2024-02-29T10:00:00.1234567'],
      ['char(5)', 'abcdef'],
      ['decimal(65,30)', '0.0000000000000000000000000000001'],
      ['smallint', 40_000],
      ['bigint unsigned', '-1'],
      ['varchar(10) character set latin1', '日本語'],
      ['binary(3)', new Uint8Array(4)],
      ['double', Number.NaN],
    ];
    const { call } = await open(Object.fromEntries(cases.map(([type]) => [at(type), {}])));
    for (const [type, value] of cases) {
      const right = TYPES[type] ?? null;
      await assert.rejects(call(at(type), { v: value, io: right }), (error) => {
        assert.ok(error instanceof Fault);
        assert.ok(
          ['invalid bad-value', 'rejected bad-value'].includes(`${error.kind} ${error.code}`),
          `${type} ${error.kind} ${error.code}`,
        );
        return true;
      });
    }
  });

  it('a procedure and a function of one name are told apart by their kind', async () => {
    const { call } = await open({
      rows: { procedure: `${own}.same`, kind: 'procedure', results: [{ columns: { id: 'int' } }] },
      value: { procedure: 'same', kind: 'function' },
    });
    assert.deepEqual(
      [await call('rows', { n: 1 }), await call('value', { n: 1 })],
      [{ rows: [{ id: 1 }] }, 2],
    );
    await assert.rejects(open({ same: {} }), (error) => {
      assert.ok(error instanceof Fault && error.misconfigured);
      assert.match(error.message, /a procedure and a function; say which by `kind`/);
      return true;
    });
  });

  it('names are names, whatever stands in them', async () => {
    const { call } = await open({ odd: { procedure: `${own}.Od"d na.me` } });
    assert.deepEqual(await call('odd', { aB: 4 }), { select: 8 });
  });

  it('a result set that does not come is null, one without rows is an empty list', async () => {
    const { call } = await open({
      sometimes: { results: [{ columns: { id: 'int' } }, { name: 'texts', columns: { t: 'varchar(1)' } }] },
    });
    assert.deepEqual(await call('sometimes', { n: 0 }), { rows: null, texts: null });
    assert.deepEqual(await call('sometimes', { n: 1 }), { rows: [{ id: 1 }], texts: null });
    assert.deepEqual(await call('sometimes', { n: 2 }), { rows: [{ id: 1 }], texts: [] });
    assert.deepEqual(await call('sometimes', { n: 3 }), { rows: [{ id: 1 }], texts: [{ t: 'x' }] });
  });

  it('columns are found by name, and by no name that two of them have', async () => {
    const { call } = await open({
      doubled: { results: [{ columns: { id: 'int', ID: { type: 'int', name: 'other' } } }] },
      twice: { procedure: 'doubled', results: [{ columns: { Id: 'int' } }] },
      unnamed: { results: [{ columns: { 'COUNT(*)': { type: 'bigint', name: 'count' } } }] },
    });
    assert.deepEqual(await call('doubled'), { rows: [{ id: 1, other: 2 }] });
    await assert.rejects(call('twice'), fault('upstream', 'repeated-column'));
    assert.deepEqual(await call('unnamed'), { rows: [{ count: 1n }] });
  });

  it('a call is one transaction, and outside of one where that is declared', async () => {
    const { call } = await open({
      halfway: {},
      itself: { procedure: 'halfway', transaction: 'own' },
      counts: { results: [{ columns: { what: 'varchar(100)' } }] },
    });
    await assert.rejects(call('halfway'), fault('rejected', 'raised'));
    assert.deepEqual(await logged(), []);
    await assert.rejects(call('itself'), fault('rejected', 'raised'));
    assert.deepEqual(await logged(), ['halfway']);
    assert.deepEqual(await call('counts'), { rows: [{ what: 'a' }, { what: 'b' }] });
    assert.deepEqual(await logged(), []);
  });

  it('a signal is a refusal with its codes, whatever they are; other errors stay what they are', async () => {
    const { call } = await open({ signals: { arguments: { number: { optional: true } } }, divided: {} });
    const raised = async (state: string, number: number | null = null) => {
      try {
        await call('signals', { state, number });
      } catch (error) {
        assert.ok(error instanceof Fault);
        assert.doesNotMatch(JSON.stringify([error.message, error.sourceFault]), /secret/);
        return [error.kind, error.code, error.sourceFault];
      }
      return assert.fail('it raises');
    };
    assert.deepEqual(await raised('45000'), ['rejected', 'raised', { code: '45000' }]);
    assert.deepEqual(await raised('45000', 1), ['rejected', 'raised', { code: '45000', subcode: '31001' }]);
    const ruled = await open({
      signals: {
        arguments: { number: { optional: true } },
        faults: [
          { code: '45000', subcode: '31001', as: 'not-found' },
          { code: '45000', as: 'stale' },
        ],
      },
    });
    await assert.rejects(ruled.call('signals', { state: '45000', number: 1 }), fault('not-found', 'raised'));
    await assert.rejects(ruled.call('signals', { state: '45000' }), fault('stale', 'raised'));
    await assert.rejects(ruled.call('signals', { state: '02000' }), fault('rejected', 'raised'));
    assert.deepEqual(await raised('02000'), ['rejected', 'raised', { code: '02000' }]);
    await assert.rejects(call('divided', { n: 0 }), (error) => {
      assert.ok(error instanceof Fault);
      assert.equal(error.sourceFault, undefined);
      return true;
    });
    assert.deepEqual(await logged(), []);
  });

  it('nobody knows what became of a call that writes when its connection is lost; one that reads may be repeated', async () => {
    for (const [effect, wanted] of [
      ['write', /^upstream outcome-unknown$/],
      ['read', /^unavailable (?:connection-lost|shutting-down)$/],
    ] as const) {
      const { source, call } = await open({ sleeps: { effect } });
      const calling = call('sleeps', { n: 60 });
      calling.catch(() => {});
      await killSleeping(own);
      await assert.rejects(calling, (error) => {
        assert.ok(error instanceof Fault);
        assert.match(`${error.kind} ${error.code}`, wanted);
        return true;
      });
      assert.equal(await call('sleeps', { n: 0 }), true);
      await source[Symbol.asyncDispose]();
    }
  });

  it('a source that only reads has no operations that write, and what it has cannot write', async () => {
    await assert.rejects(open({ halfway: {} }, {}), fault('invalid', 'bad-operation', true));
    const { call } = await open({ halfway: { effect: 'read', transaction: 'own' } }, {});
    await assert.rejects(call('halfway'), fault('unsupported', 'read-only'));
  });

  it('what cannot be called is asked for in vain, with the reason', async () => {
    for (const [name, reason] of [
      ['place', /its parameter "p" is of the type point/],
      ['placed', /its parameter "p" is of the type point/],
      ['halfwya', /there is no procedure or function .* Did you mean ".*\.halfway"\?/],
    ] as const) {
      await assert.rejects(open({ [name]: {} }), (error) => {
        assert.ok(error instanceof Fault && error.misconfigured, name);
        assert.match(error.message, reason);
        return true;
      });
    }
  });
});
