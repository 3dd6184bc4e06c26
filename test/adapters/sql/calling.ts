// Operations without a database: the driver hands the call on.

import type { Value } from '#spi';
import type { Dialect } from '../../../adapters/sql/dialect.ts';
import type { Driver } from '../../../adapters/sql/driver.ts';
import type { DatabaseModel, SavedParameter, SavedRoutine } from '../../../adapters/sql/model.ts';
import { operationOptions } from '../../../adapters/sql/operation-options.ts';
import { invoke, type Operations, operationsOf } from '../../../adapters/sql/operations.ts';
import type { RoutineCall, RoutineResult } from '../../../adapters/sql/routine-call.ts';

/** `inout total numeric`, `n integer?`; a type of `refcursor` is a cursor where it comes back. */
export function parameter(text: string): SavedParameter {
  const [, mode = 'in', name = '', type = '', mark] =
    /^(?:(in|out|inout) )?(".*"|\w*) ([^?]+)(\?)?$/.exec(text) ?? [];
  return {
    name: name.replaceAll('"', ''),
    type,
    mode: mode === 'out' || mode === 'inout' ? mode : 'in',
    ...(type === 'refcursor' && mode !== 'in' ? { cursor: true } : {}),
    ...(mark === undefined ? {} : { optional: true }),
  };
}

export function routine(
  name: string,
  parameters: readonly string[],
  more: Partial<SavedRoutine> = {},
): SavedRoutine {
  return { schema: 'bank', name, kind: 'procedure', parameters: parameters.map(parameter), ...more };
}

export function modelOf(
  routines: readonly SavedRoutine[],
  omitted: DatabaseModel['omitted'] = [],
): DatabaseModel {
  return { format: 'overpunch-database/1', product: 'any', tables: [], routines, omitted };
}

/** Operations as a configuration names them, by their API name. */
export function operations(
  given: Readonly<Record<string, object>>,
  model: DatabaseModel,
  dialect: Dialect,
  readOnly = false,
): Operations {
  const parsed = Object.entries(given).map(([name, own]) => [name, operationOptions.parse(own)] as const);
  return operationsOf(Object.fromEntries(parsed), model, dialect, readOnly);
}

const EMPTY: RoutineResult = { out: [], sets: [], cursors: [] };

/** Calls the one operation and answers with this result: the call that the driver got, and the answer. */
export async function called(
  own: Operations,
  input: Readonly<Record<string, Value>>,
  dialect: Dialect,
  result: RoutineResult = EMPTY,
  more: Partial<Driver> = {},
) {
  const calls: RoutineCall[] = [];
  const driver: Driver = {
    async *stream() {},
    async call(call, read) {
      calls.push(call);
      return read(result);
    },
    ping: async () => {},
    fault: (error) => {
      throw error;
    },
    async [Symbol.asyncDispose]() {},
    ...more,
  };
  const [name = ''] = own.routines.keys();
  const answer = invoke(own, name, input, dialect, driver, new AbortController().signal);
  return { call: () => calls[0], answer };
}
