// Knows: what the rule of a collection (`when`) asks of the records that are written: the values that it decides, and a test.
// Must not know: files, how records are found.

import type { Test } from '#codec/compile/compile';
import type { Layout, Node, ScalarNode } from '#codec/layout';
import { readerOf } from '#codec/scalars/scalar';
import { writerOf } from '#codec/scalars/scalar-writer';
import { Fault, type Filter, type Value } from '#spi';
import { ruleOf, ruleTest } from '../tables/rule.ts';

export interface Membership {
  /** Fields that have one value in all records of the collection, by name: a new record gets it. */
  readonly constants: Readonly<Record<string, Value>>;
  readonly test: Test;
}

export function membershipOf(when: string, layout: Layout, collection: string): Membership {
  const where = `"${collection}"`;
  const filter = ruleOf(when, layout, where);
  const found = filter.flatMap((conjunct) => constantOf(conjunct, layout));
  return { constants: Object.fromEntries(found), test: ruleTest(layout, filter, where) };
}

/** Of `recType eq 'D'`, and of a condition (level 88) that must be true: its first value, as SET … TO TRUE has it. */
function constantOf(conjunct: Filter[number], layout: Layout): readonly (readonly [string, Value])[] {
  if (conjunct.op !== 'eq') return [];
  const node = layout.nodes.find(({ name }) => name === conjunct.field);
  if (node?.kind !== 'scalar') return [];
  if (node.encoding.kind !== 'condition') return [[node.name, conjunct.value]];
  const subject = conjunct.value === true ? subjectOf(node, layout.nodes) : undefined;
  const value = subject === undefined ? undefined : firstValue(node, subject, layout.charset);
  return subject === undefined || value === undefined ? [] : [[subject.name, value]];
}

function subjectOf(condition: ScalarNode, nodes: readonly Node[]): ScalarNode | undefined {
  return nodes.find(
    (node): node is ScalarNode =>
      node.kind === 'scalar' &&
      node.encoding.kind !== 'condition' &&
      node.offset === condition.offset &&
      node.length === condition.length,
  );
}

function firstValue(condition: ScalarNode, subject: ScalarNode, charset: string): Value | undefined {
  const { encoding } = condition;
  if (encoding.kind !== 'condition') return undefined;
  const names = [{ name: condition.name, values: encoding.values }];
  const named: ScalarNode = {
    ...subject,
    type: { kind: 'enum', name: condition.name, values: [condition.name] },
    encoding: { kind: 'enum', subject: encoding.subject, names },
  };
  const bytes = new Uint8Array(subject.length);
  if (writerOf(named, charset)(condition.name, bytes, 0) !== undefined) return undefined;
  const value = readerOf(subject, charset)(bytes, 0);
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array) ? undefined : value;
}

/** Refuses a record that the collection would not show. */
export function checkMember(member: Membership, record: Uint8Array, collection: string): void {
  if (isMember(member, record, collection)) return;
  throw notValid(
    `By its values the record would not belong to "${collection}"`,
    'The rule of the collection ("when") must be true of it.',
  );
}

/** Throws where the rule could not be decided: then the collection could not be read any more. */
export function isMember({ test }: Membership, record: Uint8Array, collection: string): boolean {
  try {
    return test(record, 0, record.length, () => ({}));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw notValid(`Whether the record belongs to "${collection}" could not be told: ${error.message}`);
  }
}

function notValid(message: string, hint?: string): Fault {
  return new Fault('invalid', message, { code: 'bad-value', ...(hint === undefined ? {} : { hint }) });
}
