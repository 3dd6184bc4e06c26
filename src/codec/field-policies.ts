// Knows: which policy holds for which item, and what a policy makes of a field.
// Must not know: offsets, bytes.

import { Fault } from '../fault.ts';
import { didYouMean } from '../model/naming.ts';
import { typeText } from '../model/type.ts';
import { fromJson } from '../model/value.ts';
import type { Item } from './copybook/tree.ts';
import type { Irregular } from './encoding.ts';
import type { FieldPolicy, LayoutOptions, ScalarNode } from './layout.ts';

export type PolicyOf = (item: Item) => FieldPolicy;

/** Policies by item. Throws a misconfigured `invalid` Fault for a name that no item has. */
export function fieldPolicies(record: Item, options: LayoutOptions): PolicyOf {
  const { charset: _record, flexible: _flexible, name: _name, fields = {}, ...defaults } = options;
  const names = [...namesOf(record)];
  const known = new Set(names.map((name) => name.toUpperCase()));
  const policies = new Map<string, FieldPolicy>();
  for (const [name, policy] of Object.entries(fields)) {
    if (!known.has(name.toUpperCase())) {
      throw new Fault('invalid', `There is no item "${name}" in the copybook.${didYouMean(name, names)}`, {
        code: 'unknown-field',
        misconfigured: true,
      });
    }
    policies.set(name.toUpperCase(), { ...defaults, ...policy });
  }
  return ({ name }) => policies.get(name?.toUpperCase() ?? '') ?? defaults;
}

function* namesOf(item: Item): Iterable<string> {
  if (item.name !== undefined) yield item.name;
  for (const child of item.children) yield* namesOf(child);
}

/**
 * The field with what a policy says of irregular bytes; `raw` makes its type a string. `refuse` makes the fault of a default
 * that is no value of the field: "is int32, and its default "x" is none".
 */
export function typedPolicy(
  node: ScalarNode,
  policy: Pick<FieldPolicy, 'onBad' | 'blank' | 'lowValues'>,
  refuse: (message: string) => Fault,
): ScalarNode {
  const { lowValues } = policy;
  const onBad = typedIrregular(policy.onBad, node, refuse);
  const blank = typedIrregular(policy.blank, node, refuse);
  const raw = (onBad === 'raw' || blank === 'raw') && node.encoding.kind !== 'text';
  return {
    ...node,
    ...(raw ? { type: { kind: 'string' } } : {}),
    ...(onBad === undefined ? {} : { onBad }),
    ...(blank === undefined ? {} : { blank }),
    ...(lowValues === undefined ? {} : { lowValues }),
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
