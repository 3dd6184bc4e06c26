// Knows: how a routine of the saved model and its options become an operation: which one is meant, names, types, parameters,
// result sets. Must not know: SQL text, connections, any product.

import {
  camelCase,
  didYouMean,
  distinct,
  Fault,
  type Field,
  isApiName,
  type Operation,
  type Remark,
} from '#spi';
import type { Dialect } from './dialect.ts';
import type { DatabaseModel, SavedParameter, SavedRoutine } from './model.ts';
import type { FaultRule, OperationOptions } from './operation-options.ts';
import { type Answer, answerShape, answerType } from './routine-answer.ts';
import type { RoutineName } from './routine-call.ts';
import { qualifiedRoutine, routineMeant } from './routine-name.ts';
import type { DecodedColumn } from './rows.ts';
import { columnOf, find } from './table.ts';

/** A parameter and the field that shows it, in the arguments and in the answer. */
export interface RoutineParameter extends DecodedColumn {
  readonly mode: SavedParameter['mode'];
  /** It brings a cursor: it is no argument, and its rows are a result set. */
  readonly cursor: boolean;
  /** The database has a default for it. */
  readonly defaulted: boolean;
  /** May be left out or null. */
  readonly optional: boolean;
}

/** A routine and the operation that shows it. */
export interface Routine {
  readonly operation: Operation;
  readonly name: RoutineName;
  readonly parameters: readonly RoutineParameter[];
  readonly answer: Answer;
  readonly returnsCursor: boolean;
  readonly transaction: boolean;
  readonly maxRows: number;
  readonly faults: readonly FaultRule[];
  readonly showMessages: boolean;
}

export interface RoutineContext {
  readonly model: DatabaseModel;
  readonly dialect: Pick<Dialect, 'typeOf' | 'decoder'>;
  /** Nothing may be written. */
  readonly readOnly: boolean;
  remark(remark: Remark): void;
}

/**
 * Undefined, with a remark, where nothing is known of what it answers with. Throws a misconfigured Fault that names the
 * operation and what is wrong with it.
 */
export function routineOf(
  name: string,
  options: OperationOptions,
  { model, dialect, readOnly, remark }: RoutineContext,
): Routine | undefined {
  const refuse = (message: string, hint?: string): never => {
    throw new Fault('invalid', `Operation "${name}": ${message}`, {
      code: 'bad-operation',
      misconfigured: true,
      operation: name,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  if (readOnly && options.effect === 'write') {
    refuse(
      'it writes, and the source is open for reading only',
      'Set `readOnly: false` for the source, or `effect: read` for an operation that changes nothing.',
    );
  }
  const saved = routineMeant(options, model, refuse);
  const parameters = parametersOf(saved, options, dialect, refuse);
  const answer = answerShape(saved, parameters, options, dialect, refuse, (message) =>
    remark({ subject: `operation ${name}`, message }),
  );
  if (answer === undefined) return undefined;
  const doc = options.doc ?? saved.comment;
  return {
    operation: {
      name,
      legacyName: qualifiedRoutine(saved),
      ...(doc === undefined ? {} : { doc }),
      effect: options.effect,
      idempotent: options.idempotent ?? options.effect === 'read',
      input: parameters.flatMap(inputField),
      output: answerType(answer),
    },
    name: {
      ...(saved.schema === undefined ? {} : { schema: saved.schema }),
      ...(saved.package === undefined ? {} : { package: saved.package }),
      name: saved.name,
      kind: saved.kind,
    },
    parameters,
    answer,
    returnsCursor: saved.returnsCursor === true,
    transaction: options.transaction === 'call',
    maxRows: options.maxRows,
    faults: options.faults,
    showMessages: options.messages === 'show',
  };
}

function inputField({ mode, cursor, optional, column }: RoutineParameter): readonly Field[] {
  if (mode === 'out' || cursor) return [];
  const { nullable: _, ...field } = column.field;
  return [optional ? { ...field, nullable: true } : field];
}

function parametersOf(
  { parameters }: SavedRoutine,
  options: OperationOptions,
  dialect: RoutineContext['dialect'],
  refuse: (message: string) => never,
): readonly RoutineParameter[] {
  const numbered = parameters.map((own, i) => ({ own, called: own.name === '' ? String(i + 1) : own.name }));
  const settings = new Map(
    Object.entries(options.arguments).map(([asked, setting]) => {
      const found = find(numbered, asked, ({ called }) => [called]);
      const names = numbered.map(({ called }) => called);
      return [
        found?.own ?? refuse(`it has no parameter "${asked}".${didYouMean(asked, names)}`),
        typeof setting === 'string' ? { name: setting } : setting,
      ] as const;
    }),
  );
  const apiNames = distinct(
    numbered.map(({ own, called }) => {
      const plain = own.name === '' ? `argument${called}` : camelCase(own.name);
      return settings.get(own)?.name ?? plain;
    }),
  );
  return parameters.map((own, i): RoutineParameter => {
    const name = apiNames[i] ?? own.name;
    if (!isApiName(name)) refuse(`"${name}" cannot name an argument. Did you mean "${camelCase(name)}"?`);
    const { doc, type, optional } = settings.get(own) ?? {};
    const { name: ownName, type: declared, values } = own;
    const column = columnOf(
      {
        name: ownName,
        type: declared,
        nullable: true,
        trusted: true,
        ...(values === undefined ? {} : { values }),
      },
      name,
      { doc, type },
      dialect.typeOf,
    );
    return {
      column,
      decode: dialect.decoder(column),
      mode: own.mode,
      cursor: own.cursor === true && own.mode !== 'in',
      defaulted: own.optional === true,
      optional: optional ?? own.optional === true,
    };
  });
}
