// Knows: a filter text while it is being read: where reading stands, and what is said where it cannot go on.
// Must not know: the grammar.

import { Fault } from '../fault.ts';
import type { Field } from '../model/type.ts';
import type { Conjunct } from './filter.ts';
import type { FilterBudget } from './filter-budget.ts';
import type { Token } from './filter-lexer.ts';
import type { ClaimedCondition } from './filter-literals.ts';
import { shown } from './literal.ts';

export function bad(
  { parameter }: Pick<Reading, 'parameter'>,
  position: number,
  message: string,
  hint?: string,
): Fault {
  return new Fault('invalid', `${message} (at character ${position} of the filter)`, {
    code: 'bad-filter',
    parameter,
    position,
    ...(hint === undefined ? {} : { hint }),
  });
}

function described(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end';
    case 'word':
      return shown(token.text);
    case 'text':
      return `the text ${shown(token.text)}`;
    default:
      return `"${token.kind}"`;
  }
}

/** One text under way: recursive descent over its tokens. */
export interface Reading {
  readonly tokens: readonly Token[];
  readonly fields: readonly Field[];
  readonly parameter: string;
  /** Present where claims may stand for literals. */
  readonly claimed?: Map<Conjunct, ClaimedCondition>;
  readonly budget: FilterBudget;
  next: number;
}

export function peek(reading: Reading): Token {
  return reading.tokens[reading.next] ?? { kind: 'end', at: 0 };
}

export function accept(reading: Reading, word: string): boolean {
  const token = peek(reading);
  if (token.kind !== 'word' || token.text !== word) return false;
  reading.next++;
  return true;
}

export function expect(reading: Reading, kind: Token['kind'], expected: string): void {
  if (peek(reading).kind !== kind) throw unexpected(reading, expected);
  reading.next++;
}

export function unexpected(reading: Reading, expected: string): Fault {
  const token = peek(reading);
  return bad(reading, token.at, `Expected ${expected}, found ${described(token)}`);
}
