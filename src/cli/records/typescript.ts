// Knows: the JSON of a row as TypeScript types.
// Must not know: layouts, files.

import { type Field, isScalar, type ObjectType, type Scalar, type Type, typeText } from '../../model/type.ts';
import { TAG } from '../../model/value.ts';

/** An exported interface for the row, and one for each group and variant below it; a union is a type of its variants. */
export function typescriptOf(row: ObjectType): string {
  return [...declarations(row)].join('\n\n');
}

function* declarations(type: Type, tag?: string): Iterable<string> {
  switch (type.kind) {
    case 'object':
      yield interfaceOf(type, tag);
      for (const field of type.fields) yield* declarations(field.type);
      return;
    case 'list':
      return yield* declarations(type.of);
    case 'union':
      yield `export type ${type.name} = ${type.of.map(({ name }) => name).join(' | ')};`;
      for (const member of type.of) yield* declarations(member, member.tag);
      return;
    case 'enum':
      yield `export type ${type.name} = ${type.values.map((value) => JSON.stringify(value)).join(' | ')};`;
  }
}

function interfaceOf({ name, fields }: ObjectType, tag: string | undefined): string {
  return [
    `export interface ${name} {`,
    ...(tag === undefined ? [] : [`  readonly ${JSON.stringify(TAG)}: ${JSON.stringify(tag)};`]),
    ...fields.map(memberOf),
    '}',
  ].join('\n');
}

function memberOf({ name, type, nullable, legacyName, doc, alternate }: Field): string {
  const words = [
    doc ?? '',
    [legacyName ?? '', remark(type)].filter((word) => word !== '').join(', '),
    alternate === true ? 'another reading of the same bytes: only there when asked for' : '',
  ].filter((word) => word !== '');
  const comment = words.length === 0 ? '' : `  /** ${words.join('; ').replaceAll('*/', '* /')} */\n`;
  const optional = alternate === true ? '?' : '';
  return `${comment}  readonly ${name}${optional}: ${typeOf(type)}${nullable === true ? ' | null' : ''};`;
}

/** What the type does not say. */
function remark(type: Type): string {
  if (!isScalar(type)) return '';
  const plain =
    type.kind === 'boolean' || type.kind === 'int32' || type.kind === 'enum' || type.kind === 'json';
  return plain ? '' : typeText(type);
}

function typeOf(type: Type): string {
  if (type.kind === 'list') return `readonly ${element(type.of)}[]`;
  return isScalar(type) ? scalarOf(type) : type.name;
}

function element(type: Type): string {
  const text = typeOf(type);
  return /[ |]/.test(text) ? `(${text})` : text;
}

/** As the one JSON form of each scalar has it. */
function scalarOf(type: Scalar): string {
  switch (type.kind) {
    case 'boolean':
      return 'boolean';
    case 'int32':
      return 'number';
    case 'float64':
      return 'number | "NaN" | "Infinity" | "-Infinity"';
    case 'enum':
      return type.name;
    case 'json':
      return 'unknown';
    default:
      return 'string';
  }
}
