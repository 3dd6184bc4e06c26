// Knows: how a value is bound: with the type that it is compared as, so that no column is converted for its sake. What the
// protocol has no exact type for goes as text inside a function that makes the type of it.
// Must not know: columns' meaning, connections.

import {
  type AliasNode,
  type BinaryOperationNode,
  type ColumnNode,
  DefaultQueryCompiler,
  type FetchNode,
  IdentifierNode,
  type OperationNode,
  OperatorNode,
  ValueListNode,
} from 'kysely';
import type { Parameter } from '../sql/driver.ts';
import { sqlTypeOf, type TypedParameter } from '../sql/typed-parameter.ts';
import { plainBind } from './bind-type.ts';
import type { Bind, DbTypeName, OracleModule } from './driver-module.ts';

export type BindType =
  | 'varchar'
  | 'nvarchar'
  | 'char'
  | 'nchar'
  | 'number'
  | 'decimal'
  | 'double'
  | 'boolean'
  | 'raw'
  | 'clob'
  | 'nclob'
  | 'blob'
  | 'empty_clob'
  | 'empty_blob'
  | 'cursor'
  | 'rowid'
  | 'yminterval'
  | 'dsinterval'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'timestampltz';

/** A parameter with one of the types above. */
export interface OracleParameter extends TypedParameter {
  readonly sqlType: BindType;
  /** It brings a value back, or both ways; absent: it only gives one. */
  readonly mode?: 'out' | 'inout';
  /** Most bytes that come back. */
  readonly room?: number;
}

export function isOracleParameter(parameter: Parameter): parameter is OracleParameter {
  return isBindType(sqlTypeOf(parameter));
}

interface Binding {
  readonly type: DbTypeName;
  /** What stands around the placeholder. */
  readonly around?: readonly [string, string];
}

export const MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS';

const BINDINGS: Readonly<Record<BindType, Binding>> = {
  varchar: { type: 'DB_TYPE_VARCHAR' },
  nvarchar: { type: 'DB_TYPE_NVARCHAR' },
  // Only so does the server look past the blanks that a column is filled up with.
  char: { type: 'DB_TYPE_CHAR' },
  nchar: { type: 'DB_TYPE_NCHAR' },
  number: { type: 'DB_TYPE_NUMBER' },
  // With the session's numeric characters, which are ours.
  decimal: { type: 'DB_TYPE_VARCHAR', around: ['to_number(', ')'] },
  double: { type: 'DB_TYPE_BINARY_DOUBLE' },
  boolean: { type: 'DB_TYPE_BOOLEAN' },
  raw: { type: 'DB_TYPE_RAW' },
  clob: { type: 'DB_TYPE_CLOB' },
  nclob: { type: 'DB_TYPE_NCLOB' },
  blob: { type: 'DB_TYPE_BLOB' },
  // Nothing at all is bound as null.
  empty_clob: { type: 'DB_TYPE_CLOB', around: ['nvl(', ', empty_clob())'] },
  empty_blob: { type: 'DB_TYPE_BLOB', around: ['nvl(', ', empty_blob())'] },
  cursor: { type: 'DB_TYPE_CURSOR' },
  rowid: { type: 'DB_TYPE_VARCHAR', around: ['chartorowid(', ')'] },
  yminterval: { type: 'DB_TYPE_VARCHAR', around: ['to_yminterval(', ')'] },
  dsinterval: { type: 'DB_TYPE_VARCHAR', around: ['to_dsinterval(', ')'] },
  date: { type: 'DB_TYPE_VARCHAR', around: ['to_date(', `, '${MOMENT}')`] },
  timestamp: { type: 'DB_TYPE_VARCHAR', around: ['to_timestamp(', `, '${MOMENT}.FF9')`] },
  timestamptz: { type: 'DB_TYPE_VARCHAR', around: ['to_timestamp_tz(', `, '${MOMENT}.FF9TZH:TZM')`] },
  timestampltz: {
    type: 'DB_TYPE_VARCHAR',
    around: ['cast(to_timestamp_tz(', `, '${MOMENT}.FF9TZH:TZM') as timestamp with local time zone)`],
  },
};

function isBindType(name: string | undefined): name is BindType {
  return name !== undefined && Object.hasOwn(BINDINGS, name);
}

function bindingOf(parameter: unknown): Binding {
  const type = sqlTypeOf(parameter);
  return BINDINGS[isBindType(type) ? type : 'varchar'];
}

function isComing(parameter: unknown): boolean {
  return typeof parameter === 'object' && parameter !== null && 'mode' in parameter;
}

/** Longest list of IN; from version 23 on it may be longer. */
const MOST_IN_LIST = 1_000;
/** Longest alias before version 12.2, in bytes. */
const MOST_NAME_BYTES = 30;

/** A class because Kysely's compiler is extended by one; Oracle is none of its own. */
class OracleCompiler extends DefaultQueryCompiler {
  #aliases = 0;

  protected override getCurrentParameterPlaceholder(): string {
    return `:${this.numParameters}`;
  }

  protected override getLeftIdentifierWrapper(): string {
    return '"';
  }

  protected override getRightIdentifierWrapper(): string {
    return '"';
  }

  protected override appendValue(parameter: unknown): void {
    const [before, after] = (isComing(parameter) ? undefined : bindingOf(parameter).around) ?? ['', ''];
    this.append(before);
    super.appendValue(parameter);
    this.append(after);
  }

  /** The position of a row is no column, although it is named as one; no column can have its name. */
  protected override visitColumn(node: ColumnNode): void {
    if (node.column.name === 'ROWID') this.append('rowid');
    else super.visitColumn(node);
  }

  protected override visitAlias(node: AliasNode): void {
    const { alias } = node;
    const long = IdentifierNode.is(alias) && new TextEncoder().encode(alias.name).length > MOST_NAME_BYTES;
    if (!long) {
      super.visitAlias(node);
      return;
    }
    this.visitNode(node.node);
    this.append(' as ');
    this.visitNode(IdentifierNode.create(`${this.#aliases++} `));
  }

  protected override visitFetch(node: FetchNode): void {
    this.append('fetch first ');
    this.visitNode(node.rowCount);
    this.append(' rows only');
  }

  protected override visitBinaryOperation(node: BinaryOperationNode): void {
    const { leftOperand, operator, rightOperand } = node;
    const listed =
      ValueListNode.is(rightOperand) &&
      rightOperand.values.length > MOST_IN_LIST &&
      OperatorNode.is(operator) &&
      operator.operator === 'in';
    if (!listed) {
      super.visitBinaryOperation(node);
      return;
    }
    const lists = slices(rightOperand.values);
    for (const [i, values] of lists.entries()) {
      this.append(i === 0 ? '(' : ' or ');
      this.visitNode(leftOperand);
      this.append(' in ');
      this.visitNode(ValueListNode.create(values));
    }
    this.append(')');
  }
}

function slices(values: readonly OperationNode[]): readonly (readonly OperationNode[])[] {
  return Array.from({ length: Math.ceil(values.length / MOST_IN_LIST) }, (_, i) =>
    values.slice(i * MOST_IN_LIST, (i + 1) * MOST_IN_LIST),
  );
}

export function compiler(): DefaultQueryCompiler {
  return new OracleCompiler();
}

/** What a statement of SQL brings back of a text or of bytes; PL/SQL brings more. */
const ROOM = 4_000;
const SIZED = new Set<DbTypeName>(['DB_TYPE_VARCHAR', 'DB_TYPE_NVARCHAR', 'DB_TYPE_RAW', 'DB_TYPE_CHAR']);

export function modeOf(parameter: Parameter): 'in' | 'out' | 'inout' {
  return isOracleParameter(parameter) ? (parameter.mode ?? 'in') : 'in';
}

/** As the module binds it. */
export function bindOf(parameter: Parameter, oracledb: OracleModule): Bind {
  const { value, column } = parameter;
  const nothing = value === null && column !== undefined && !isOracleParameter(parameter);
  const { type } = nothing ? BINDINGS[plainBind(column)] : bindingOf(parameter);
  const mode = modeOf(parameter);
  const val =
    value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
  const dir = { in: oracledb.BIND_IN, out: oracledb.BIND_OUT, inout: oracledb.BIND_INOUT }[mode];
  return {
    dir,
    type: oracledb[type],
    ...(mode === 'out' ? {} : { val }),
    ...(mode !== 'in' && SIZED.has(type) ? { maxSize: roomOf(parameter) } : {}),
  };
}

function roomOf(parameter: Parameter): number {
  return isOracleParameter(parameter) ? (parameter.room ?? ROOM) : ROOM;
}
