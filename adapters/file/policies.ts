// Knows: how the policies of the YAML become policies of a layout.
// Must not know: bytes, files.

import {
  type FieldPolicy,
  type Irregular,
  type Layout,
  layoutFrom,
  type Node,
  type ScalarNode,
} from '#codec/layout';
import { didYouMean, Fault, fromJson, typeText } from '#spi';
import type { CollectionOptions, PolicyOptions } from './options.ts';

type Policies = Pick<CollectionOptions, 'defaults' | 'fields'>;

/** For `layoutOf`, which finds the fields and types the values itself. */
export function fieldPolicies({ defaults = {}, fields = {} }: Policies): FieldPolicy & {
  readonly fields: Readonly<Record<string, FieldPolicy>>;
} {
  return {
    ...policyOf(defaults),
    fields: Object.fromEntries(Object.entries(fields).map(([name, policy]) => [name, policyOf(policy)])),
  };
}

/** Without the members that are there but undefined. */
function policyOf(options: PolicyOptions & { readonly charset?: string | undefined }): FieldPolicy {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** The layout of a parse map with policies laid over it. */
export function withPolicies(layout: Layout, { defaults = {}, fields = {} }: Policies): Layout {
  const names = layout.nodes.flatMap(({ legacyName, name }) => [legacyName ?? name, name]);
  refuseForeign('defaults', defaults);
  for (const [name, policy] of Object.entries(fields)) {
    if (!names.includes(name)) {
      throw misconfigured(`"fields" names "${name}", which is no field.${didYouMean(name, names)}`);
    }
    refuseForeign(name, policy);
  }
  const nodes = layout.nodes.map((node) =>
    typed(node, { ...defaults, ...(fields[node.legacyName ?? node.name] ?? fields[node.name]) }),
  );
  return layoutFrom({ ...layout, nodes });
}

function refuseForeign(name: string, policy: PolicyOptions): void {
  const foreign = Object.keys(policy).find((word) => !['onBad', 'blank', 'lowValues'].includes(word));
  if (foreign === undefined) return;
  throw misconfigured(`"${foreign}" of "${name}" belongs to copybooks; a parse map says it in its own words`);
}

function typed(node: Node, policy: PolicyOptions): Node {
  // A parse map has neither groups nor lists.
  if (node.kind !== 'scalar') return node;
  const onBad = value(node, policy.onBad) ?? node.onBad;
  const blank = value(node, policy.blank) ?? node.blank;
  const raw = (onBad === 'raw' || blank === 'raw') && node.encoding.kind !== 'text';
  return {
    ...node,
    ...(raw ? { type: { kind: 'string' } } : {}),
    ...(onBad === undefined ? {} : { onBad }),
    ...(blank === undefined ? {} : { blank }),
    ...(policy.lowValues === undefined ? {} : { lowValues: policy.lowValues }),
  };
}

function value(node: ScalarNode, policy: Irregular | undefined): Irregular | undefined {
  if (policy === undefined || typeof policy === 'string') return policy;
  const typedValue =
    typeof policy.default === 'bigint' ? policy.default : fromJson(node.type, policy.default);
  if (typedValue === undefined || (typeof typedValue === 'object' && typedValue !== null)) {
    throw misconfigured(
      `The default ${JSON.stringify(policy.default)} of "${node.legacyName ?? node.name}" is no ${typeText(node.type)}`,
    );
  }
  return { default: typedValue };
}

function misconfigured(message: string): Fault {
  return new Fault('invalid', message, { code: 'bad-policy', misconfigured: true });
}
