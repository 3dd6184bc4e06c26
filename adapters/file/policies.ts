// Knows: how the policies of the YAML become policies of a layout.
// Must not know: bytes, files.

import { typedPolicy } from '#codec/field-policies';
import { type FieldPolicy, type Layout, layoutFrom, type Node } from '#codec/layout';
import { didYouMean, Fault } from '#spi';
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
  return typedPolicy(node, policyOf(policy), (message) =>
    misconfigured(`The field "${node.legacyName ?? node.name}" ${message}`),
  );
}

function misconfigured(message: string): Fault {
  return new Fault('invalid', message, { code: 'bad-policy', misconfigured: true });
}
