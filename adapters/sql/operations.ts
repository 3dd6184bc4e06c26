// Knows: the operations of a source: which there are, and how one is called with the arguments of a request.
// Must not know: any product, facades.

import { type Cell, Fault, misfit, type Operation, type Remark, type SourceFault, type Value } from '#spi';
import type { Dialect } from './dialect.ts';
import type { Driver } from './driver.ts';
import type { DatabaseModel } from './model.ts';
import type { OperationOptions } from './operation-options.ts';
import type { ResultShape } from './result-set.ts';
import { type Routine, type RoutineParameter, routineOf } from './routine.ts';
import { answerOf } from './routine-answer.ts';
import type { Argument, RoutineCall } from './routine-call.ts';
import { RAISED } from './server-faults.ts';

export interface Operations {
  readonly operations: readonly Operation[];
  readonly remarks: readonly Remark[];
  /** By API name. */
  readonly routines: ReadonlyMap<string, Routine>;
}

export const NO_OPERATIONS: Operations = { operations: [], remarks: [], routines: new Map() };

/** Throws a misconfigured Fault that names the operation and what is wrong with it. */
export function operationsOf(
  options: Readonly<Record<string, OperationOptions>>,
  model: DatabaseModel,
  dialect: Dialect,
  readOnly: boolean,
): Operations {
  const remarks: Remark[] = [];
  const context = { model, dialect, readOnly, remark: (remark: Remark) => remarks.push(remark) };
  const routines = Object.entries(options).flatMap(([name, own]) => routineOf(name, own, context) ?? []);
  return {
    operations: routines.map(({ operation }) => operation),
    remarks,
    routines: new Map(routines.map((routine) => [routine.operation.name, routine])),
  };
}

type Input = Readonly<Record<string, Value>>;

export async function invoke(
  { routines }: Operations,
  name: string,
  input: Input,
  dialect: Dialect,
  driver: Driver,
  signal: AbortSignal,
): Promise<Cell> {
  const routine = routines.get(name);
  if (routine === undefined) throw new Fault('not-found', `There is no operation "${name}"`);
  if (driver.call === undefined) throw new Fault('unsupported', 'The database has no stored procedures');
  const call = callOf(routine, input, dialect);
  try {
    return await driver.call(call, (result) => answerOf(routine.answer, result), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw callFault(error, driver, routine);
  }
}

/** Throws `invalid` for an argument that the database has no such value for; nothing has been sent then. */
function callOf(routine: Routine, input: Input, dialect: Dialect): RoutineCall {
  const { parameters, answer } = routine;
  const { returns, cursors, sets } = answer;
  let cursor = 0;
  return {
    routine: routine.name,
    arguments: parameters.map((parameter): Argument => {
      const { column, mode } = parameter;
      if (parameter.cursor) {
        return { column, mode, cursor: cursors[cursor++] === undefined ? 'unread' : 'read' };
      }
      const given = mode === 'out' ? undefined : givenFor(parameter, input, dialect);
      return { column, mode, ...(given === undefined ? {} : { given }) };
    }),
    ...(returns === undefined ? {} : { returns: returns.column }),
    returnsCursor: routine.returnsCursor,
    ...(routine.name.kind === 'table function' && !routine.returnsCursor ? { rows: rowsOf(sets[0]) } : {}),
    readOnly: routine.operation.effect === 'read',
    transaction: routine.transaction,
    maxRows: routine.maxRows,
  };
}

function rowsOf(set: ResultShape | undefined): NonNullable<RoutineCall['rows']> {
  const columns = (set?.columns ?? []).map(({ column }) => column);
  return { columns, ...(set?.declared === undefined ? {} : { declared: set.declared }) };
}

/** Undefined: left out, so that the default of the database counts. */
function givenFor({ column, defaulted }: RoutineParameter, input: Input, dialect: Dialect) {
  const value = input[column.field.name];
  if (value === undefined && defaulted) return undefined;
  if (value === undefined || value === null) return { value: null, column };
  const problem = misfit(column.type, value, column.field.name)?.text;
  const bound = problem === undefined ? dialect.argument?.(column, value) : undefined;
  if (bound !== undefined) return bound;
  throw new Fault('invalid', `"${column.field.name}" ${problem ?? `is no ${column.meant}`}`, {
    code: 'bad-value',
    field: column.field.name,
    parameter: column.field.name,
    hint: `declared ${column.meant}`,
  });
}

/** What a business rule may mean: anything else that code raises would look like a failure of the server itself. */
const BUSINESS = new Set(['conflict', 'rejected', 'invalid', 'not-found']);

/** What the code in the database raised on purpose is told by its code; its text only where the configuration says so. */
function callFault(error: unknown, driver: Driver, { faults, showMessages }: Routine): Fault {
  const fault = driver.fault(error);
  const raised = driver.raised?.(error);
  if (raised === undefined) return fault;
  const { reason, ...codes } = raised;
  const sourceFault: SourceFault = showMessages && reason !== undefined ? { ...codes, reason } : codes;
  const rule = faults.find(
    ({ code, subcode }) => code === raised.code && (subcode === undefined || subcode === raised.subcode),
  );
  if (rule === undefined && BUSINESS.has(fault.kind)) {
    return new Fault(fault.kind, fault.message, { code: fault.code, sourceFault, cause: error });
  }
  const kind = rule?.as ?? RAISED.kind;
  return new Fault(kind, RAISED.message, { code: RAISED.code, sourceFault, cause: error });
}
