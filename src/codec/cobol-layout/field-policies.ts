// Knows: which policy holds for which item, and what a policy makes of a field.
// Must not know: offsets, bytes.

import { Fault } from '../../fault.ts';
import { didYouMean } from '../../model/naming.ts';
import { typeText } from '../../model/type.ts';
import { fromJson } from '../../model/value.ts';
import type { Item } from '../copybook/tree.ts';
import type { Irregular } from '../encoding.ts';
import type { FieldPolicy, LayoutOptions, ScalarNode } from '../layout.ts';

/** What can be said of all fields at once. */
const OF_ALL_FIELDS = [
  'onBad',
  'blank',
  'lowValues',
  'highValues',
  'zones',
  'window',
  'noDate',
  'trim',
  'conditions',
  'trunc',
] as const satisfies readonly (keyof FieldPolicy)[];

export type PolicyOf = (item: Item) => FieldPolicy;

/**
 * Policies by item. A key is a legacy name, or one with groups that qualify it: `HEAD.CUST-ID`, `CUST-ID OF HEAD`; the policy with
 * more names goes over that with fewer. Throws a misconfigured `invalid` Fault for a key that no item has.
 */
export function fieldPolicies(records: readonly Item[], options: LayoutOptions): PolicyOf {
  const { fields = {} } = options;
  const defaults: FieldPolicy = Object.fromEntries(
    OF_ALL_FIELDS.flatMap((word) => (options[word] === undefined ? [] : [[word, options[word]]])),
  );
  if (options.date !== undefined) {
    throw misconfigured('A date pattern belongs to a field, not to all of them', 'date-of-record');
  }
  const keys = Object.entries(fields)
    .map(([key, policy]) => ({ key, policy, names: namesIn(key) }))
    .toSorted((a, b) => a.names.length - b.names.length);
  const byName = new Map<string, typeof keys>();
  for (const key of keys) byName.getOrInsertComputed(key.names[0] ?? '', () => []).push(key);
  const used = new Set<string>();
  const policies = new Map<Item, FieldPolicy>();
  const names = new Set<string>();
  const visit = (item: Item, groups: readonly string[]): void => {
    if (item.name !== undefined) names.add(item.name);
    const name = item.name?.toUpperCase() ?? '';
    const own = (byName.get(name) ?? []).filter(({ names: [, ...of] }) => qualified(groups, of));
    for (const { key } of own) used.add(key);
    if (own.length > 0) policies.set(item, Object.assign({}, defaults, ...own.map(({ policy }) => policy)));
    for (const child of item.children) visit(child, name === '' ? groups : [name, ...groups]);
  };
  for (const record of records) visit(record, []);
  const unknown = keys.find(({ key }) => !used.has(key));
  if (unknown !== undefined) throw noSuchItem(unknown.key, names);
  return (item) => policies.get(item) ?? defaults;
}

function noSuchItem(key: string, names: ReadonlySet<string>): Fault {
  const [name = key] = namesIn(key);
  const known = [...names].some((one) => one.toUpperCase() === name);
  const near = known ? ` There is ${name}, but not in such a group.` : didYouMean(key, names);
  return misconfigured(`There is no item "${key}" in the copybook.${near}`, 'unknown-field');
}

function misconfigured(message: string, code: string): Fault {
  return new Fault('invalid', message, { code, misconfigured: true });
}

/** The item's name and those of its groups, innermost first, in upper case. */
function namesIn(key: string): readonly string[] {
  const names = key
    .trim()
    .toUpperCase()
    .split(/\s+(?:OF|IN)\s+/);
  return names.length > 1 ? names : key.trim().toUpperCase().split('.').toReversed();
}

/** Are these names among the groups, in this order? */
function qualified(groups: readonly string[], of: readonly string[]): boolean {
  const [first, ...rest] = of;
  if (first === undefined) return true;
  const at = groups.indexOf(first);
  return at >= 0 && qualified(groups.slice(at + 1), rest);
}

/**
 * The field with what a policy says of irregular bytes; `raw` makes its type a string. `refuse` makes the fault of a default
 * that is no value of the field: "is int32, and its default "x" is none".
 */
export function typedPolicy(
  node: ScalarNode,
  policy: Pick<FieldPolicy, 'onBad' | 'blank' | 'lowValues' | 'highValues'>,
  refuse: (message: string) => Fault,
): ScalarNode {
  const { lowValues, highValues } = policy;
  const onBad = typedIrregular(policy.onBad, node, refuse);
  const blank = typedIrregular(policy.blank, node, refuse);
  const raw = (onBad === 'raw' || blank === 'raw') && node.encoding.kind !== 'text';
  return {
    ...node,
    ...(raw ? { type: { kind: 'string' } } : {}),
    ...(onBad === undefined ? {} : { onBad }),
    ...(blank === undefined ? {} : { blank }),
    ...(lowValues === undefined ? {} : { lowValues }),
    ...(highValues === undefined ? {} : { highValues }),
  };
}

/** A default becomes a value of the field's type. */
function typedIrregular(
  policy: Irregular | undefined,
  node: ScalarNode,
  refuse: (message: string) => Fault,
): Irregular | undefined {
  if (policy === undefined || typeof policy === 'string') return policy;
  const value = fromJson(node.type, policy.default);
  if (value === undefined) {
    throw refuse(
      `is ${typeText(node.type)}, and its default ${JSON.stringify(String(policy.default))} is none`,
    );
  }
  return { default: value };
}
