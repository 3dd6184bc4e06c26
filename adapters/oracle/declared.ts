// Knows: how the dictionary's words about a type are written as one declaration, and which types can be shown.
// Must not know: queries, connections.

import { isShown } from './types.ts';

export interface TypeWords {
  readonly type: string;
  /** Owner of an object type. */
  readonly owner?: string | undefined;
  /** Bytes. */
  readonly length?: string | undefined;
  readonly precision?: string | undefined;
  readonly scale?: string | undefined;
  readonly characters?: string | undefined;
  /** C: its length counts characters. */
  readonly used?: string | undefined;
}

const NATIONAL = new Set(['NVARCHAR2', 'NCHAR']);
const TEXTS = new Set(['VARCHAR2', 'CHAR', 'VARCHAR']);

/** `VARCHAR2(40 CHAR)`, `NUMBER(9,2)`, `TIMESTAMP(6) WITH TIME ZONE`. */
export function declaredType(words: TypeWords): string {
  const { type, length, precision, scale, characters, used } = words;
  if (type === 'NUMBER') {
    if (precision === undefined) return scale === undefined ? 'NUMBER' : `NUMBER(*,${scale})`;
    return scale === undefined ? `NUMBER(${precision})` : `NUMBER(${precision},${scale})`;
  }
  if (type === 'FLOAT') return precision === undefined ? type : `FLOAT(${precision})`;
  if (NATIONAL.has(type)) return given(characters) ? `${type}(${characters})` : type;
  if (TEXTS.has(type)) {
    const counted = used === 'C' ? characters : length;
    return given(counted) ? `${type}(${counted} ${used === 'C' ? 'CHAR' : 'BYTE'})` : type;
  }
  if (type === 'RAW' || type === 'UROWID') return given(length) ? `${type}(${length})` : type;
  return type;
}

/** Parameters have no length: the dictionary then says nothing, or 0. */
function given(length: string | undefined): length is string {
  return length !== undefined && length !== '0';
}

/** Why values of the type cannot be shown; undefined when they can. */
export function unshownReason({ type, owner }: TypeWords): string | undefined {
  if (owner !== undefined && type !== 'XMLTYPE') return `of the object type ${owner}.${type}`;
  return isShown(type) ? undefined : `its type ${type} has no values to show`;
}
