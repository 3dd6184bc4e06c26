// The database behind the stand-in: one SQLite database, each schema attached to it under its own name.

import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite';
import { type Catalog, catalogIn } from './catalog.ts';
import { type Declared, declaredType } from './declared.ts';
import type { TableColumn } from './definitions.ts';
import { quoted } from './expressions.ts';
import { type Procedure, placeOf as placed, type ScalarFunction } from './procedures.ts';
import { type Given, type Statement, statementsOf } from './statements.ts';
import type { ResultColumn, Typed } from './type-info.ts';
import { isDecimalKey, type Kept, kept, like, Problem, shown, textKey } from './values.ts';

export interface Parameter extends Typed {
  /** With the `@` in front. */
  readonly name: string;
}

/** What one statement gives. */
export type Outcome =
  | {
      readonly kind: 'rows';
      readonly columns: readonly ResultColumn[];
      readonly rows: Iterable<readonly Kept[]>;
    }
  | { readonly kind: 'changed'; readonly rows: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'wait'; readonly seconds: number };

export interface Engine extends Disposable {
  /** The statements of a batch, each run when the one before it has been read. */
  run(sql: string, parameters: readonly Parameter[]): Iterable<Outcome>;
  transaction(what: 'begin' | 'commit' | 'rollback'): void;
  procedure(procedure: Procedure): void;
  scalar(made: ScalarFunction): void;
}

export function engineFor(database: string): Engine {
  const sqlite = new DatabaseSync(':memory:', { readBigInts: true });
  const tables = new Map<string, { readonly columns: readonly TableColumn[] }>();
  sqlite.exec("attach ':memory:' as sys; attach ':memory:' as dbo");
  const catalog = catalogIn(sqlite, database);
  catalog.schema('dbo');
  functions(sqlite, database, catalog);
  const placeOf = (schema: string, name: string) => `${schema}.${name}`.toLowerCase();
  const procedures = new Map<string, Procedure>();
  const scalars = new Map<string, ScalarFunction>();
  sqlite.function(
    'tds_call',
    { varargs: true, useBigIntArguments: true },
    (place, ...given) => scalars.get(String(place).toLowerCase())?.value(...given) ?? null,
  );
  const known = {
    routine(schema: string, name: string) {
      const found = scalars.get(placed({ schema, name }));
      return found === undefined ? undefined : declaredType(found.returns);
    },
    table: (schema: string, name: string) =>
      schema.toLowerCase() === 'sys' ? catalog.view(name.toLowerCase()) : tables.get(placeOf(schema, name)),
  };

  const outcome = (statement: Statement, values: Record<string, SQLInputValue>): Outcome => {
    switch (statement.kind) {
      case 'rows':
        return {
          kind: 'rows',
          columns: statement.columns,
          rows: rowsOf(sqlite, statement.sql, values, statement.columns),
        };
      case 'change': {
        const { into } = statement;
        const prepared = sqlite.prepare(statement.sql);
        prepared.setAllowUnknownNamedParameters(true);
        if (into === undefined) return { kind: 'changed', rows: Number(prepared.run(values).changes) };
        prepared.setReturnArrays(true);
        const rows: readonly unknown[] = prepared.all(values);
        for (const row of rows) {
          if (!Array.isArray(row)) continue;
          const places = row.map(() => '?').join(', ');
          sqlite.prepare(`insert into temp.${quoted(into)} values (${places})`).run(...row);
        }
        return { kind: 'changed', rows: rows.length };
      }
      case 'variable': {
        const { schema, name } = statement.definition;
        sqlite.exec(`drop table if exists ${quoted(schema)}.${quoted(name)}`);
        for (const sql of statement.sql) sqlite.exec(sql);
        tables.set(placeOf(schema, name), statement.definition);
        return { kind: 'done' };
      }
      case 'table':
        for (const sql of statement.sql) sqlite.exec(sql);
        tables.set(placeOf(statement.definition.schema, statement.definition.name), statement.definition);
        catalog.table(statement.definition);
        return { kind: 'done' };
      case 'view':
        sqlite.exec(statement.sql);
        tables.set(placeOf(statement.definition.schema, statement.definition.name), statement.definition);
        catalog.table(statement.definition, true);
        return { kind: 'done' };
      case 'synonym': {
        const [base = '', schema = 'dbo'] = statement.base.toReversed();
        const meant = tables.get(placeOf(schema, base));
        if (meant !== undefined) {
          const place = `${quoted(statement.schema)}.${quoted(statement.table)}`;
          // SQLite lets no view look into another schema, but one that is of no schema.
          if (schema === statement.schema)
            sqlite.exec(`create view ${place} as select * from ${quoted(base)}`);
          tables.set(placeOf(statement.schema, statement.table), meant);
        }
        catalog.synonym(statement.schema, statement.table, statement.base);
        return { kind: 'done' };
      }
      case 'comment':
        catalog.comment(statement.schema, statement.table, statement.column, statement.text);
        return { kind: 'done' };
      case 'index':
        catalog.index(statement.schema, statement.table, statement.key);
        return { kind: 'done' };
      case 'schema':
        sqlite.exec(
          statement.drop
            ? `detach ${quoted(statement.name)}`
            : `attach ':memory:' as ${quoted(statement.name)}`,
        );
        if (!statement.drop) catalog.schema(statement.name);
        return { kind: 'done' };
      case 'drop':
        sqlite.exec(
          `drop ${statement.what === 'table' ? 'table' : 'view if exists'} ${quoted(statement.schema)}.${quoted(statement.table)}`,
        );
        tables.delete(placeOf(statement.schema, statement.table));
        catalog.drop(statement.schema, statement.table);
        return { kind: 'done' };
      case 'wait':
        return { kind: 'wait', seconds: statement.seconds };
      case 'setting':
      case 'call':
      case 'assign':
        return { kind: 'done' };
    }
  };

  const evaluated = (sql: string | undefined, { values }: Batch): Kept => {
    if (sql === undefined) return null;
    const statement = sqlite.prepare(sql);
    statement.setAllowUnknownNamedParameters(true);
    const row = statement.get(values);
    return row === undefined ? null : (Object.values(row)[0] ?? null);
  };

  function* called(
    {
      schema,
      name,
      given,
    }: { readonly schema: string; readonly name: string; readonly given: readonly Given[] },
    batch: Batch,
  ): Iterable<Outcome> {
    const made = procedures.get(placed({ schema, name }));
    if (made === undefined) throw new Problem(2812, `Could not find stored procedure '${schema}.${name}'.`);
    const own = new Map(given.map((one) => [one.name, batch.values[bare(one.variable)] ?? null]));
    for (const step of made.run(own)) {
      if (step.kind === 'wait') yield step;
      else if (step.kind === 'rows') {
        const columns = step.columns.map((column) => ({
          name: column.name,
          type: declaredType(column.declared),
        }));
        yield { kind: 'rows', columns, rows: step.rows };
      } else {
        const types = Object.entries(step.values ?? {}).map(([own, value]) => ({
          name: `@${own}`,
          declared: 'nvarchar(4000)',
          value,
        }));
        for (const result of self.run(step.sql, types)) if (result.kind === 'rows') Array.from(result.rows);
      }
    }
    for (const one of given) if (one.output) put(one.variable, own.get(one.name) ?? null, batch);
  }

  const self: Engine = {
    *run(sql, parameters) {
      const batch: Batch = {
        types: new Map(parameters.map(({ name, declared }) => [name.toLowerCase(), declaredType(declared)])),
        values: Object.fromEntries(parameters.map(({ name, value }) => [bare(name), value])),
      };
      for (const statement of statementsOf(sql, known, (name) => batch.types.get(name.toLowerCase()))) {
        if (statement.kind === 'call') yield* called(statement, batch);
        else if (statement.kind === 'assign') {
          batch.types.set(statement.name.toLowerCase(), declaredType(statement.declared));
          batch.values[bare(statement.name)] = numbered(() => evaluated(statement.sql, batch));
        } else yield numbered(() => outcome(statement, batch.values));
      }
    },
    procedure(made) {
      procedures.set(placed(made), made);
      catalog.routine(made.schema, made.name, 'P ', made.parameters);
    },
    scalar(made) {
      scalars.set(placed(made), made);
      const value = { name: '', declared: made.returns, output: true };
      catalog.routine(made.schema, made.name, 'FN', [value, ...made.parameters]);
    },
    transaction(what) {
      if (what === 'begin' || sqlite.isTransaction) sqlite.exec(what);
    },
    [Symbol.dispose]: () => sqlite.close(),
  };
  return self;
}

/** Variables and parameters of a batch: their types by name, their values as SQLite calls them. */
interface Batch {
  readonly types: Map<string, Declared>;
  readonly values: Record<string, Kept>;
}

/** A variable takes what is put into it as a column of its type. */
function put(variable: string, value: Kept, { types, values }: Batch): void {
  const type = types.get(variable.toLowerCase());
  values[bare(variable)] = type === undefined ? value : kept(value, type);
}

function bare(name: string): string {
  return name.replace(/^@/, 'p_');
}

/** Errors of SQLite get the numbers that SQL Server has for them. */
function numbered<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem || !(error instanceof Error)) throw error;
    const code = 'errcode' in error ? Number(error.errcode) : 0;
    const number = { 1555: 2627, 2067: 2627, 1299: 515, 787: 547, 275: 547 }[code] ?? 50_000;
    throw new Problem(number, error.message);
  }
}

function* rowsOf(
  sqlite: DatabaseSync,
  sql: string,
  values: Record<string, SQLInputValue>,
  columns: readonly ResultColumn[],
): Iterable<readonly Kept[]> {
  const statement = numbered(() => sqlite.prepare(sql));
  statement.setAllowUnknownNamedParameters(true);
  statement.setReturnArrays(true);
  const rows: Iterator<unknown> = numbered(() => statement.iterate(values));
  try {
    for (let next = numbered(() => rows.next()); next.done !== true; next = numbered(() => rows.next())) {
      const row: unknown = next.value;
      if (!Array.isArray(row)) throw new TypeError('SQLite gave a row that is no array');
      yield row.map((value: SQLOutputValue, i) => outgoing(value, columns[i]));
    }
  } finally {
    rows.return?.();
  }
}

/** Decimals and moments leave as texts. */
function outgoing(value: SQLOutputValue, column: ResultColumn | undefined): Kept {
  if (typeof value === 'string' && column !== undefined) return shown(value, column.type);
  return value;
}

function functions(sqlite: DatabaseSync, database: string, catalog: Catalog): void {
  const pure = { deterministic: true, useBigIntArguments: true };
  const text = (value: unknown): string => (isDecimalKey(value) ? value : String(value));
  sqlite.function('tds_key', pure, (value, fold) =>
    value === null ? null : textKey(text(value), fold === 1n),
  );
  sqlite.function('tds_kept', pure, (value, type) => kept(value, declaredType(String(type))));
  sqlite.function('tds_shown', pure, (value, type) =>
    value === null ? null : shown(value, declaredType(String(type))),
  );
  sqlite.function('tds_like', pure, (value, pattern, escapedBy, fold) =>
    value === null || pattern === null
      ? null
      : BigInt(like(String(value), String(pattern), String(escapedBy), fold === 1n)),
  );
  sqlite.function('tds_join', pure, (left, right) => {
    if (left === null || right === null) return null;
    if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.concat([left, right]);
    return String(left) + String(right);
  });
  sqlite.function('tds_database', () => database);
  sqlite.function('tds_object', (name) => catalog.objectId(String(name)));
}
