// Blocks of PL/SQL as the adapter writes them: variables, one call, values handed over. Routines are functions of JavaScript;
// expressions are worked out by SQLite.

import type { DatabaseSync } from 'node:sqlite';
import type { Bind, ExecuteOptions, Result, ResultSet } from '../../../adapters/oracle/driver-module.ts';
import { oraError } from './errors.ts';
import { asOracles, boundValue, rowsOf } from './rows.ts';
import { translate } from './sql.ts';
import { CONSTANTS } from './types.ts';

/** Numbers and moments as they are kept. */
type Held = null | string | number | Uint8Array;

/** A cursor: what it selects, in the SQL of SQLite. */
export interface Cursor {
  readonly cursor: string;
}

export interface Answered {
  readonly out?: Readonly<Record<string, Held | Cursor>>;
  readonly returned?: Held | Cursor;
  readonly implicit?: readonly Cursor[];
}

/** What is given for its parameters, by name; those that were left out are not there. */
export type Routine = (
  given: Readonly<Record<string, Held>>,
  database: DatabaseSync,
) => Answered | Promise<Answered>;

interface Place {
  readonly database: DatabaseSync;
  readonly routines: ReadonlyMap<string, Routine>;
  readonly readOnly: boolean;
  resultSetOf(rows: Iterator<unknown>, names: readonly string[]): ResultSet;
}

const QUOTED = /('(?:[^']|'')*'|"(?:[^"]|"")*")/;

/** Pieces between the separators that stand outside of quotes and parentheses. */
function split(text: string, separator: ';' | ','): readonly string[] {
  const pieces: string[] = [''];
  let depth = 0;
  for (const [i, piece] of text.split(QUOTED).entries()) {
    for (const character of i % 2 === 1 ? [piece] : piece) {
      if (character === '(') depth++;
      if (character === ')') depth--;
      if (character === separator && depth === 0) pieces.push('');
      else pieces.push(`${pieces.pop() ?? ''}${character}`);
    }
  }
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== '');
}

export async function runBlock(
  place: Place,
  sql: string,
  binds: readonly Bind[],
  options: ExecuteOptions,
): Promise<Result> {
  const { database, routines, readOnly } = place;
  const [, body = ''] = /\bbegin (.*) end;$/s.exec(sql) ?? [];
  const variables = new Map<string, Held | Cursor>();
  const back = new Map<number, Held | Cursor>();
  let implicit: readonly Cursor[] = [];

  /** With the variables and binds that it names. */
  const workedOut = (expression: string): Held => {
    const values: Held[] = [];
    const text = expression
      .split(QUOTED)
      .map((piece, i) =>
        i % 2 === 1
          ? piece
          : piece.replace(/:(\d+)|\bv(\d+)\b/g, (name, bind) => {
              const value = bind === undefined ? variables.get(name) : inValue(binds[Number(bind) - 1]);
              values.push(value === undefined || isCursor(value) ? null : value);
              return `:${values.length}`;
            }),
      )
      .join('');
    const row: unknown = database.prepare(`select ${translate(text)}`).get(...values);
    const value: unknown = Array.isArray(row) ? row[0] : null;
    return typeof value === 'bigint' ? Number(value) : isHeld(value) ? value : null;
  };
  const assign = (target: string, value: Held | Cursor): void => {
    if (target.startsWith(':')) back.set(Number(target.slice(1)), value);
    else variables.set(target, value);
  };
  const called = async (invocation: string): Promise<Answered> => {
    const [, path = '', list = ''] = /^((?:"[^"]*"\.?)+)(?:\((.*)\))?$/s.exec(invocation) ?? [];
    const routine = routines.get(path.replaceAll('"', ''));
    if (routine === undefined) throw oraError(6550);
    const taken = split(list, ',').map((item) => /^"([^"]*)" => (.*)$/s.exec(item) ?? []);
    const given: Record<string, Held> = {};
    for (const [, name = '', expression = ''] of taken) given[name] = workedOut(expression);
    const before = database.prepare('select total_changes()').get();
    const answer = await routine(given, database);
    const after = database.prepare('select total_changes()').get();
    if (readOnly && String(before) !== String(after)) throw oraError(1456);
    for (const [, name = '', target = ''] of taken) {
      const value = answer.out?.[name];
      if (value !== undefined) assign(target, value);
    }
    implicit = answer.implicit ?? [];
    return answer;
  };
  for (const statement of split(body, ';')) {
    const [, target, expression = statement] = /^(:\d+|v\d+) := (.*)$/s.exec(statement) ?? [];
    if (expression.startsWith('"')) {
      const { returned } = await called(expression).catch((error: unknown) => {
        throw asOracles(error);
      });
      if (target !== undefined && returned !== undefined) assign(target, returned);
    } else if (target !== undefined) assign(target, workedOut(expression));
  }

  const opened = ({ cursor }: Cursor): ResultSet => {
    const names = database
      .prepare(cursor)
      .columns()
      .map(({ name }) => name);
    return place.resultSetOf(rowsOf(database, cursor, [], options), names);
  };
  const given = (value: Held | Cursor): unknown => (isCursor(value) ? opened(value) : value);
  return {
    outBinds: binds.flatMap(({ dir }, i) =>
      dir === CONSTANTS.BIND_IN ? [] : [given(back.get(i + 1) ?? null)],
    ),
    implicitResults: implicit.map(opened),
  };
}

function inValue(bind: Bind | undefined): Held {
  return bind === undefined || bind.dir === CONSTANTS.BIND_OUT ? null : boundValue(bind);
}

function isCursor(value: Held | Cursor): value is Cursor {
  return typeof value === 'object' && value !== null && 'cursor' in value;
}

function isHeld(value: unknown): value is Held {
  return value === null || ['string', 'number'].includes(typeof value) || value instanceof Uint8Array;
}
