// Knows: which fields of a layout can be written, and which may be left out of a new record.
// Must not know: files, options, how anything is written.

import type { Layout, Node } from '#codec/layout';
import { initialWriter } from '#codec/scalars/scalar-writer';
import type { Field, Type } from '#spi';

/**
 * The fields of a collection that is written. Read-only: conditions (level 88), which are readings of another field; counters of tables,
 * which the lists set; `constants`, which the rule of the collection decides. A part of the key is never read-only.
 */
export function claimedFields(
  { nodes, fields, template, charset }: Layout,
  key: readonly string[],
  constants: readonly string[],
): readonly Field[] {
  const counters = countersOf(nodes);
  const setting: Setting = { template, charset, counters };
  return fields.map((field) => {
    const node = nodes.find(({ name }) => name === field.name);
    if (node === undefined) return field;
    const claimed = claimedField(field, node, setting, field.name);
    const made = isCondition(node) || counters.has(field.name) || constants.includes(field.name);
    return made && !key.includes(field.name) ? { ...claimed, readOnly: true } : claimed;
  });
}

interface Setting {
  /** Absent inside lists and unions, whose offsets do not count from the record. */
  readonly template: Uint8Array | undefined;
  readonly charset: string;
  readonly counters: ReadonlySet<string>;
}

function claimedField(field: Field, node: Node, setting: Setting, path: string): Field {
  const { template, charset, counters } = setting;
  const type = claimedType(field.type, node, setting, path);
  const optional =
    isCondition(node) ||
    counters.has(path) ||
    node.alternate === true ||
    (node.kind === 'list' && node.legacyName === 'FILLER') ||
    (node.kind === 'scalar' && isPreset(node, template, charset));
  return optional ? { ...field, type, optional: true } : { ...field, type };
}

function claimedType(type: Type, node: Node, setting: Setting, path: string): Type {
  const inside: Setting = { ...setting, template: undefined };
  const members = (fields: readonly Field[], nodes: readonly Node[], at: string, own: Setting) =>
    fields.map((field) => {
      const below = nodes.find(({ name }) => name === field.name);
      return below === undefined ? field : claimedField(field, below, own, `${at}.${field.name}`);
    });
  if (type.kind === 'object' && node.kind === 'group')
    return { ...type, fields: members(type.fields, node.nodes, path, setting) };
  if (type.kind === 'list' && node.kind === 'list')
    return { ...type, of: claimedType(type.of, node.of, inside, path) };
  if (type.kind === 'union' && node.kind === 'union') {
    return {
      ...type,
      of: type.of.map((member) => {
        const variant = node.variants.find(({ tag }) => tag === member.tag);
        return variant === undefined
          ? member
          : {
              ...member,
              fields: members(member.fields, variant.node.nodes, `${path}.${member.tag}`, inside),
            };
      }),
    };
  }
  return type;
}

function isCondition(node: Node): boolean {
  return node.kind === 'scalar' && node.encoding.kind === 'condition';
}

/** Does a new record hold something else there than blanks or zero, by a VALUE clause? `template`: of the record, if there is one. */
export function isPreset(node: Node, template: Uint8Array | undefined, charset: string): boolean {
  if (node.kind !== 'scalar' || template === undefined || isCondition(node)) return false;
  const plain = new Uint8Array(node.length);
  initialWriter(node, charset)(plain, 0);
  return plain.some((byte, i) => template[node.offset + i] !== byte);
}

/** Paths of the counters that lists set, as `ListNode.dependingOn` has them. */
function countersOf(nodes: readonly Node[]): ReadonlySet<string> {
  return new Set(nodes.flatMap(countersIn));
}

function countersIn(node: Node): readonly string[] {
  switch (node.kind) {
    case 'scalar':
      return [];
    case 'group':
      return node.nodes.flatMap(countersIn);
    case 'list':
      return [...(node.dependingOn === undefined ? [] : [node.dependingOn]), ...countersIn(node.of)];
    case 'union':
      return node.variants.flatMap(({ node: variant }) => variant.nodes.flatMap(countersIn));
  }
}
