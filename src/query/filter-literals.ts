// Knows: how the values of a filter text are read, and in a rule the claims that stand for values.
// Must not know: the rest of the grammar, where claims come from.

import { didYouMean } from '../model/naming.ts';
import { typeText } from '../model/type.ts';
import { parseScalar, type Value } from '../model/value.ts';
import { type Conjunct, condition, type Operand, type Operator } from './filter.ts';
import { bad, expect, peek, type Reading, unexpected } from './filter-reading.ts';
import { literalHint, shown } from './literal.ts';

/** A value, or in a rule the name of a claim that gives it: then `value` only stands in for it. */
export interface Literal {
  readonly value: Value;
  readonly claim?: string;
}

/** A condition that is to be made again as soon as the claims are known. */
export interface ClaimedCondition {
  readonly operand: Operand;
  readonly operator: Operator;
  readonly literals: readonly Literal[];
}

/** The condition; where claims are among its literals it is remembered. */
export function made(
  { claimed }: Reading,
  operand: Operand,
  operator: Operator,
  literals: readonly Literal[],
): Conjunct {
  const conjunct = condition(
    operand,
    operator,
    literals.map(({ value }) => value),
  );
  if (literals.some(({ claim }) => claim !== undefined))
    claimed?.set(conjunct, { operand, operator, literals });
  return conjunct;
}

export function readList(reading: Reading, operand: Operand): readonly Literal[] {
  const claim = readClaim(reading);
  if (claim !== undefined) return [claim];
  expect(reading, '(', '"(" and a list of values');
  const values = [readLiteral(reading, operand, 'in')];
  while (peek(reading).kind === ',') {
    reading.next++;
    values.push(readLiteral(reading, operand, 'in'));
  }
  expect(reading, ')', '"," or ")"');
  return values;
}

/** `@claims.name`: whatever comes behind the first point is the name. */
function readClaim(reading: Reading): Literal | undefined {
  const token = peek(reading);
  if (reading.claimed === undefined || token.kind !== 'word' || !token.text.startsWith('@')) return undefined;
  const claim = /^@claims\.(.+)$/.exec(token.text)?.[1];
  if (claim === undefined) throw unexpected(reading, '@claims. and the name of a claim');
  reading.next++;
  return { value: null, claim };
}

export function readLiteral(reading: Reading, { field, type }: Operand, operator: Operator): Literal {
  const claim = readClaim(reading);
  if (claim !== undefined) return claim;
  const token = peek(reading);
  if (token.kind !== 'word' && token.kind !== 'text')
    throw unexpected(reading, `a value of type ${typeText(type)}`);
  if (token.kind === 'word' && token.text === 'null') {
    if (operator !== 'eq' && operator !== 'ne') {
      throw bad(reading, token.at, 'null can only be compared by eq and ne', `${field} eq null`);
    }
    reading.next++;
    return { value: null };
  }
  if (token.kind === 'word' && (type.kind === 'string' || type.kind === 'enum')) {
    throw bad(
      reading,
      token.at,
      `${shown(token.text)} is a text without quotes`,
      `'${token.text.slice(0, 60)}'`,
    );
  }
  const value = parseScalar(type, token.text);
  if (value === undefined) {
    const near = type.kind === 'enum' ? didYouMean(token.text, type.values) : '';
    throw bad(
      reading,
      token.at,
      `${shown(token.text)} is no value of "${field}", which is ${typeText(type)}.${near}`,
      literalHint(type),
    );
  }
  reading.next++;
  return { value };
}
