// Knows: what is at hand while a record's nodes are made.
// Must not know: how they are made.

import type { Item } from '../copybook/tree.ts';
import type { SubjectEncoding } from '../encoding.ts';
import type { Variant } from '../layout.ts';
import type { ItemIndex } from './counters.ts';
import type { StorageRules } from './dialect.ts';
import type { PolicyOf } from './field-policies.ts';
import { itemEncoding, type Stored } from './item-encoding.ts';
import type { Placed } from './placing.ts';
import type { ViewRules } from './view-rules.ts';

export interface Laying {
  readonly rules: StorageRules;
  /** Name of the record's charset. */
  readonly charset: string;
  readonly policyOf: PolicyOf;
  readonly views: ViewRules;
  /** Hands out names of types. */
  readonly typeName: (wanted: string) => string;
  readonly index: ItemIndex;
  /** Where the scalars of items are. */
  readonly paths: Map<Placed, string>;
  /** Tables with a counter: until all paths are known, a list depends on the number of its table here. */
  readonly counted: Counted[];
  /** Rules of variants, to be read when everything that they may look at is there. */
  readonly pending: Map<Variant, PendingRule>;
}

export interface Counted {
  readonly table: Placed;
  readonly counter: Placed;
}

export interface PendingRule {
  readonly text: string;
  /** What the rule belongs to, for its faults: `The rule of DETAIL`. */
  readonly owner: string;
}

export function storedAs({ item, length }: Pick<Placed, 'item' | 'length'>, laying: Laying): Stored {
  return { policy: laying.policyOf(item), charset: laying.charset, rules: laying.rules, length };
}

export function encodingOf(placed: Placed, laying: Laying): SubjectEncoding {
  return itemEncoding(placed.item, storedAs(placed, laying));
}

/** An elementary item has no items below it. */
export function isElementary({ children }: Item): boolean {
  return children.length === 0;
}
