// The suite of stored procedures on the stand-in, whose routines are functions of JavaScript behind blocks of PL/SQL.

import { operations, procedures } from '../../conformance/procedures.ts';
import { addRow } from '../../fakes/oracledb/dictionary.ts';
import { numberKey, numberText } from '../../fakes/oracledb/numbers.ts';
import { type FakeOracle, fakeOracle, oraError } from '../../fakes/oracledb/oracledb.ts';
import type { Routine } from '../../fakes/oracledb/plsql.ts';
import { openFake } from './server.ts';

type Mode = 'IN' | 'OUT' | 'IN/OUT';

/** Name, declared type, mode; a name of nothing is what a function returns. */
const ROUTINES: Readonly<Record<string, readonly (readonly [string, string, Mode])[]>> = {
  ECHO: ['V', 'O'].flatMap((side) =>
    (
      [
        ['INT', 'NUMBER'],
        ['BIG', 'NUMBER'],
        ['DEC', 'NUMBER'],
        ['TEXT', 'VARCHAR2'],
        ['DAY', 'VARCHAR2'],
        ['AT', 'TIMESTAMP'],
        ['BYTES', 'RAW'],
      ] as const
    ).map(([part, type]): readonly [string, string, Mode] => [
      `${side}_${part}`,
      type,
      side === 'V' ? 'IN' : 'OUT',
    ]),
  ),
  ADVANCE: [
    ['AMOUNT', 'NUMBER', 'IN/OUT'],
    ['STEP', 'NUMBER', 'IN'],
    ['NOTE', 'VARCHAR2', 'IN/OUT'],
  ],
  TOTAL: [
    ['', 'NUMBER', 'OUT'],
    ['A', 'NUMBER', 'IN'],
    ['B', 'NUMBER', 'IN'],
  ],
  BALANCES: [
    ['LOWEST', 'NUMBER', 'IN'],
    ['MANY', 'NUMBER', 'IN'],
    ['ROWS', 'REF CURSOR', 'OUT'],
  ],
  STATEMENT: [
    ['ACCOUNT', 'NUMBER', 'IN'],
    ['HEAD', 'REF CURSOR', 'OUT'],
    ['LINES', 'REF CURSOR', 'OUT'],
  ],
  NOTE: [['WHAT', 'VARCHAR2', 'IN']],
  REFUSE: [['WHAT', 'VARCHAR2', 'IN']],
  TWICE: [],
  UNASKED: [['WHAT', 'VARCHAR2', 'IN']],
  SLOW: [['WHAT', 'VARCHAR2', 'IN']],
};

const scaled = (key: unknown): bigint => BigInt(Math.round(Number(numberText(String(key))) * 100));
const added = (a: unknown, b: unknown): string | null => {
  if (a === null || b === null) return null;
  const sum = scaled(a) + scaled(b);
  return numberKey(`${sum / 100n}.${String(sum % 100n).padStart(2, '0')}`);
};
const int = (key: unknown): number => Number(numberText(String(key)));
const counting = (from: number, many: number): string =>
  `with recursive i(n) as (select ${from} where ${many} > 0 union all select n + 1 from i where n < ${from + many - 1})`;

const log = (database: FakeOracle['database'], what: unknown): void => {
  database.prepare('insert into "BANK"."LOG" values (?)').run(String(what));
};

const BODIES: Readonly<Record<string, Routine>> = {
  ECHO: (given) => ({
    out: Object.fromEntries(
      Object.entries(given).flatMap(([name, value]) =>
        name.startsWith('V_') ? [[name.replace('V_', 'O_'), value]] : [],
      ),
    ),
  }),
  ADVANCE: ({ AMOUNT, STEP, NOTE }) => ({
    out: { AMOUNT: added(AMOUNT, STEP), NOTE: NOTE === null ? null : `${NOTE}!` },
  }),
  TOTAL: ({ A, B }) => ({ returned: added(A, B) }),
  BALANCES: ({ LOWEST, MANY }) => ({
    out: {
      ROWS: {
        cursor: `${counting(int(LOWEST), int(MANY))} select n as "ID", 'n' || n as "NAME", n + 0.5 as "BALANCE", null as "Na me" from i`,
      },
    },
  }),
  STATEMENT: ({ ACCOUNT }) => ({
    out: {
      HEAD: { cursor: `select 'Owner ${int(ACCOUNT)}' as "OWNER"` },
      LINES: {
        cursor: `${counting(1, int(ACCOUNT))} select n as "LINE", n + 0.25 as "AMOUNT" from i`,
      },
    },
  }),
  NOTE({ WHAT }, database) {
    log(database, WHAT);
    return {};
  },
  REFUSE({ WHAT }, database) {
    log(database, WHAT);
    throw Object.assign(oraError(20_001), {
      message:
        'ORA-20001: You owe 5 EUR\nORA-06512: at "BANK.REFUSE", line 3\nHelp: https://docs.example.com/',
    });
  },
  TWICE(_, database) {
    log(database, 'twice');
    log(database, 'twice');
    return {};
  },
  UNASKED({ WHAT }, database) {
    log(database, WHAT);
    return { implicit: [{ cursor: 'select 1 as "X"' }, { cursor: 'select 2 as "X"' }] };
  },
  SLOW({ WHAT }, database) {
    log(database, WHAT);
    return new Promise(() => {});
  },
};

function describe(fake: FakeOracle, package_?: string): void {
  for (const [name, parameters] of Object.entries(ROUTINES)) {
    const function_ = parameters.some(([own]) => own === '');
    addRow(fake.database, 'all_procedures', {
      owner: 'BANK',
      ...(package_ === undefined
        ? { object_name: name, object_type: function_ ? 'FUNCTION' : 'PROCEDURE' }
        : { object_name: package_, procedure_name: name, object_type: 'PACKAGE' }),
      subprogram_id: 1,
      pipelined: 'NO',
      aggregate: 'NO',
    });
    for (const [i, [own, data_type, in_out]] of parameters.entries()) {
      addRow(fake.database, 'all_arguments', {
        owner: 'BANK',
        ...(package_ === undefined ? {} : { package_name: package_ }),
        object_name: name,
        subprogram_id: 1,
        // A type that is taken from a column (%TYPE) has its size here.
        ...(own === '' ? { data_precision: 12, data_scale: 2 } : { argument_name: own }),
        position: function_ ? i : i + 1,
        data_type,
        in_out,
        defaulted: 'N',
        data_level: 0,
      });
    }
    const path = ['BANK', ...(package_ === undefined ? [] : [package_]), name].join('.');
    const body = BODIES[name];
    if (body !== undefined) fake.routines.set(path, body);
  }
}

/** What is meant by NUMBER, which has no size in a parameter. */
const MEANT = {
  echo: { v_int: 'NUMBER(9)', o_int: 'NUMBER(9)', v_big: 'NUMBER(18)', o_big: 'NUMBER(18)' },
  advance: { amount: 'NUMBER(11,2)', step: 'NUMBER(11,2)' },
  total: { a: 'NUMBER(11,2)', b: 'NUMBER(11,2)' },
  balances: { lowest: 'NUMBER(9)', many: 'NUMBER(9)' },
  statement: { account: 'NUMBER(9)' },
} as const;

interface Given {
  readonly procedure: string;
  readonly arguments?: Readonly<Record<string, object>>;
}

function meant(all: object, prefix: string): object {
  return Object.fromEntries(
    Object.entries(all).map(([name, operation]: readonly [string, Given]) => {
      const routine = operation.procedure.slice(prefix.length).toLowerCase();
      const types = Object.entries(MEANT).find(([own]) => own === routine)?.[1] ?? {};
      const settings = { ...operation.arguments };
      for (const [parameter, type] of Object.entries(types)) {
        settings[parameter] = { ...settings[parameter], type };
      }
      return [name, { ...operation, arguments: settings }];
    }),
  );
}

for (const inside of [undefined, 'CORE']) {
  procedures({
    name: inside === undefined ? 'oracle' : 'oracle, in a package',
    raises: 'ORA-20001',
    emptyIsNull: true,
    guardsReads: true,
    async open() {
      const fake = fakeOracle('BANK', [
        { name: 'LOG', columns: [{ name: 'WHAT', type: 'VARCHAR2(100)' }], key: ['WHAT'], rows: [] },
      ]);
      describe(fake, inside);
      const prefix = inside === undefined ? 'BANK.' : `BANK.${inside}.`;
      const types = { int: 'NUMBER(9)', text: 'VARCHAR2(40)', decimal: 'NUMBER(11,2)' };
      const all = operations((routine) => `${prefix}${routine.toUpperCase()}`, types, true);
      return {
        source: await openFake(fake, { readOnly: false, collections: {}, operations: meant(all, prefix) }),
        async logged() {
          const rows: readonly unknown[] = fake.database
            .prepare('select "WHAT" from "BANK"."LOG" order by 1')
            .all();
          return rows.map((row) => String(Array.isArray(row) ? row[0] : ''));
        },
      };
    },
  });
}
