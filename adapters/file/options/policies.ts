// Knows: how the policies of the YAML become policies of a layout.
// Must not know: bytes, files.

import { typedPolicy } from '#codec/cobol-layout/field-policies';
import { type FieldPolicy, type Layout, layoutFrom, type Node } from '#codec/layout';
import { didYouMean } from '#spi';
import { misconfigured } from '../misconfigured.ts';
import type { CollectionOptions } from './options.ts';
import type { PolicyOptions } from './policy-options.ts';

type Policies = Pick<CollectionOptions, 'defaults' | 'fields'>;

/** For `layoutOf`, which finds the fields and types the values itself. `source`: the policies of all collections. */
export function fieldPolicies(
  { defaults = {}, fields = {} }: Policies,
  source: PolicyOptions = {},
): FieldPolicy & { readonly fields: Readonly<Record<string, FieldPolicy>> } {
  return {
    ...given(source),
    ...given(defaults),
    fields: Object.fromEntries(Object.entries(fields).map(([name, policy]) => [name, given(policy)])),
  };
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are there but undefined. */
export function given<T extends object>(options: T): Given<T> {
  const defined = Object.entries(options).filter(([, value]) => value !== undefined);
  // cast: what was undefined is gone, the other members are as they were
  return Object.fromEntries(defined) as Given<T>;
}

/** Policies that a parse map does not say in its own words. */
const OF_PARSE_MAPS: readonly string[] = ['onBad', 'blank', 'lowValues', 'highValues'];

/** The layout of a parse map with policies laid over it. Those of the source hold as far as they fit a parse map. */
export function withPolicies(
  layout: Layout,
  { defaults = {}, fields = {} }: Policies,
  source: PolicyOptions = {},
): Layout {
  const names = layout.nodes.flatMap(({ legacyName, name }) => [legacyName ?? name, name]);
  refuseForeign('defaults', defaults);
  for (const [name, policy] of Object.entries(fields)) {
    if (!names.includes(name)) {
      throw misconfigured(
        'bad-policy',
        `"fields" names "${name}", which is no field.${didYouMean(name, names)}`,
      );
    }
    refuseForeign(name, policy);
  }
  const ofAll = {
    ...Object.fromEntries(Object.entries(source).filter(([word]) => OF_PARSE_MAPS.includes(word))),
    ...defaults,
  };
  const nodes = layout.nodes.map((node) =>
    typed(node, { ...ofAll, ...(fields[node.legacyName ?? node.name] ?? fields[node.name]) }),
  );
  return layoutFrom({ ...layout, nodes });
}

function refuseForeign(name: string, policy: PolicyOptions): void {
  const foreign = Object.keys(policy).find((word) => !OF_PARSE_MAPS.includes(word));
  if (foreign === undefined) return;
  throw misconfigured(
    'bad-policy',
    `"${foreign}" of "${name}" belongs to copybooks; a parse map says it in its own words`,
  );
}

function typed(node: Node, policy: PolicyOptions): Node {
  // A parse map has neither groups nor lists.
  if (node.kind !== 'scalar') return node;
  return typedPolicy(node, given(policy), (message) =>
    misconfigured('bad-policy', `The field "${node.legacyName ?? node.name}" ${message}`),
  );
}
