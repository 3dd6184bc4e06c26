// Knows: which scalars an item shows: the item itself, by its policy as a date or an enum, and its conditions.
// Must not know: groups, tables.

import { distinct, pascalCase, upperSnake } from '../../model/naming.ts';
import type { Scalar } from '../../model/type.ts';
import { openCharset } from '../charset.ts';
import type { ConditionValue, SubjectEncoding, TemporalEncoding } from '../encoding.ts';
import type { FieldPolicy, ScalarNode } from '../layout.ts';
import { parseTemporalPattern } from '../scalars/dates.ts';
import { conditionValues, isDiscrete } from './condition-values.ts';
import { typedPolicy } from './field-policies.ts';
import { conditionSubject, typeOfEncoding } from './item-encoding.ts';
import { conditionText, itemFault, originOf } from './item-text.ts';
import { encodingOf, type Laying, storedAs } from './laying.ts';
import type { Placed } from './placing.ts';
import type { Sketch, Where } from './sketch.ts';

/** An elementary item and its conditions; an unnamed one shows only these. */
export function elementarySketches(placed: Placed, laying: Laying): readonly Sketch[] {
  const { item } = placed;
  const { name } = item;
  if (name === undefined) return conditionSketches(placed, laying);
  const policy = laying.policyOf(item);
  const names = policy.date === undefined ? enumNames(placed, policy, laying) : undefined;
  const scalar: Sketch = {
    wanted: name,
    build(where) {
      if (!laying.paths.has(placed)) laying.paths.set(placed, where.path);
      const plain = { ...bytesOf(placed, name), name: where.name, origin: originOf(item) };
      const refuse = (message: string) => itemFault(item, message);
      return typedPolicy(withEncoding(placed, plain, names, where, laying), policy, refuse);
    },
  };
  return names === undefined ? [scalar, ...conditionSketches(placed, laying)] : [scalar];
}

/** The conditions of a group: booleans beside it, or one enum. `alone`: the group itself shows nothing, so the enum has its name. */
export function groupConditions(placed: Placed, alone: boolean, laying: Laying): readonly Sketch[] {
  const { item } = placed;
  const names = enumNames(placed, laying.policyOf(item), laying);
  if (names === undefined || item.name === undefined) return conditionSketches(placed, laying);
  const policy = laying.policyOf(item);
  const legacyName = item.name;
  return [
    {
      wanted: alone ? legacyName : `${legacyName}-CONDITION`,
      build(where) {
        const plain = { ...bytesOf(placed, legacyName), name: where.name, origin: originOf(item, 'GROUP') };
        const refuse = (message: string) => itemFault(item, message);
        return typedPolicy(withEncoding(placed, plain, names, where, laying), policy, refuse);
      },
    },
  ];
}

type Bytes = Pick<ScalarNode, 'kind' | 'legacyName' | 'offset' | 'length'>;

/** Inside a table offsets count from its element. */
function bytesOf({ item, offset, length }: Placed, legacyName: string): Bytes {
  return { kind: 'scalar', legacyName, offset: item.occurs === undefined ? offset : 0, length };
}

type Untyped = Omit<ScalarNode, 'type' | 'encoding'>;
type Names = readonly { readonly name: string; readonly values: readonly ConditionValue[] }[];

function withEncoding(
  placed: Placed,
  plain: Untyped,
  names: Names | undefined,
  { name, prefix }: Where,
  laying: Laying,
): ScalarNode {
  if (names !== undefined) {
    const subject = conditionSubject(placed.item, storedAs(placed, laying));
    const type: Scalar = {
      kind: 'enum',
      name: laying.typeName(prefix + pascalCase(name)),
      values: names.map((one) => one.name),
    };
    return { ...plain, type, encoding: { kind: 'enum', subject, names } };
  }
  const encoding = encodingOf(placed, laying);
  const policy = laying.policyOf(placed.item);
  if (policy.date !== undefined) return { ...plain, ...temporal(placed, encoding, policy.date, policy) };
  return { ...plain, type: typeOfEncoding(encoding, placed.length), encoding };
}

/** The names of an enum with their values; undefined where the conditions make none. */
function enumNames({ item, ...placed }: Placed, policy: FieldPolicy, laying: Laying): Names | undefined {
  const { conditions } = item;
  if (policy.conditions !== 'enum' || conditions.length === 0) return undefined;
  const values = conditions.map((condition) => valuesOf({ item, ...placed }, condition.values, laying));
  if (!isDiscrete(values)) return undefined;
  const names = distinct(conditions.map(({ name }) => upperSnake(name)));
  return names.map((name, i) => ({ name, values: values[i] ?? [] }));
}

/** Level 88 as booleans beside their item. Of a field whose bytes are bad, null says that nobody knows, unless it fails. */
function conditionSketches(placed: Placed, laying: Laying): readonly Sketch[] {
  const { item } = placed;
  const { onBad = 'fail', blank, lowValues, highValues } = laying.policyOf(item);
  return item.conditions.map((condition): Sketch => {
    const { name: legacyName, place } = condition;
    return {
      wanted: legacyName,
      build: ({ name }) => ({
        ...bytesOf(placed, legacyName),
        name,
        type: { kind: 'boolean' },
        encoding: {
          kind: 'condition',
          subject: conditionSubject(item, storedAs(placed, laying)),
          values: valuesOf(placed, condition.values, laying),
        },
        origin: originOf(item, conditionText(condition), place),
        ...(onBad === 'fail' ? {} : { onBad: 'null' }),
        ...(blank === undefined || blank === 'fail' ? {} : { blank: 'null' }),
        ...(lowValues === undefined ? {} : { lowValues }),
        ...(highValues === undefined ? {} : { highValues }),
      }),
    };
  });
}

function valuesOf(
  placed: Placed,
  values: Placed['item']['conditions'][number]['values'],
  laying: Laying,
): readonly ConditionValue[] {
  const encoding = conditionSubject(placed.item, storedAs(placed, laying));
  const charset = openCharset('charset' in encoding ? encoding.charset : laying.charset);
  return conditionValues({ item: placed.item, encoding, length: placed.length, charset }, values);
}

/** A day or time in the item's text or digits. */
function temporal(
  { item, length }: Placed,
  subject: SubjectEncoding,
  pattern: string,
  { window, noDate }: FieldPolicy,
): { readonly type: Scalar; readonly encoding: TemporalEncoding } {
  const parsed = parseTemporalPattern(pattern);
  const holds = subjectOf(item, subject, length);
  const room = holds.kind === 'text' ? length / (openCharset(holds.charset).width ?? 1) : holds.digits;
  if (parsed.length > room) {
    const unit = holds.kind === 'text' ? 'characters' : 'digits';
    throw itemFault(item, `has ${room} ${unit}, and its date pattern "${pattern}" needs ${parsed.length}`);
  }
  return {
    type: { kind: parsed.kind },
    encoding: {
      kind: 'temporal',
      subject: holds,
      pattern,
      ...(window === undefined ? {} : { window }),
      ...(noDate === undefined ? {} : { none: noDate }),
    },
  };
}

function subjectOf(
  item: Placed['item'],
  subject: SubjectEncoding,
  length: number,
): TemporalEncoding['subject'] {
  switch (subject.kind) {
    case 'text':
      return subject;
    case 'zoned':
    case 'packed':
    case 'binary':
      if (subject.scale === 0) return subject;
      throw itemFault(item, 'has a date pattern, but it is a number with a decimal point');
    case 'edited':
      // 99/99/9999 and the like: the pattern shows the insertions too.
      return { kind: 'text', charset: subject.charset, trim: 'right' };
    default:
      throw itemFault(
        item,
        `has a date pattern, but it is neither text nor digits (${length} bytes, ${subject.kind})`,
      );
  }
}
