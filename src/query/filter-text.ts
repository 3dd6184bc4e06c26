// Knows: the text of the filter language, `status eq 'OPEN' and (amount gt 100 or not contains(name,'x'))`.
// Must not know: where the text comes from (a URL, a rule of the configuration) and who evaluates the filter.

import { didYouMean, nearest } from '../model/naming.ts';
import { type Field, fieldAt, isScalar, typeText } from '../model/type.ts';
import {
  type Conjunct,
  condition,
  type Filter,
  OPERATORS,
  OPERATORS_OF,
  type Operand,
  type Operator,
} from './filter.ts';
import { beyondLimit, type FilterLimits, filterBudget } from './filter-budget.ts';
import { tokenize } from './filter-lexer.ts';
import { type ClaimedCondition, type Literal, made, readList, readLiteral } from './filter-literals.ts';
import { accept, bad, expect, peek, type Reading, unexpected } from './filter-reading.ts';
import { enclosedText, OUTSIDE_HINT, shown } from './literal.ts';
import { askablePaths, isMasked, maskedField } from './masked.ts';

/** Other spellings: those of OData 4.01, section 5.1.1. */
const ALIASES: ReadonlyMap<string, Operator> = new Map([
  ['ge', 'gte'],
  ['le', 'lte'],
  ['startswith', 'startsWith'],
  ['endswith', 'endsWith'],
  ['isnull', 'isNull'],
]);
const SPELLINGS: ReadonlyMap<string, Operator> = new Map([
  ...OPERATORS.map((operator) => [operator, operator] as const),
  ...ALIASES,
]);
/** Operators that may also stand in front: `contains(name,'x')`, `isNull(closed)`. */
const FUNCTIONS: ReadonlySet<Operator> = new Set(['contains', 'startsWith', 'endsWith', 'isNull']);

/**
 * Text → filter.
 *
 *     filter    = all *("or" all)           all  = one *("and" one)
 *     one       = "not" one / "(" filter ")" / condition
 *     condition = path operator literal     eq ne gt gte(ge) lt lte(le) contains startsWith endsWith
 *               / path "in" "(" literal *("," literal) ")"
 *               / path "isNull" ["true" / "false"]
 *               / function "(" path ["," literal] ")"
 *     literal   = 'text' with '' for a quote / number / true / false / date / null (with eq and ne)
 *
 * Text and enum values need quotes; numbers, booleans, dates and times may have them. Throws `invalid` (`bad-filter`)
 * with the position and what was expected, `too-costly` (`filter-limit`) beyond a limit.
 */
export function parseFilter(
  text: string,
  fields: readonly Field[],
  limits: FilterLimits,
  parameter = 'filter',
): Filter {
  return parse(text, fields, limits, { parameter });
}

/** As `parseFilter`; `@claims.name` may stand for a literal, and behind "in" for the list. The conditions that have one are put into `claimed`. */
export function parseFilterWithClaims(
  text: string,
  fields: readonly Field[],
  limits: FilterLimits,
  claimed: Map<Conjunct, ClaimedCondition>,
): Filter {
  return parse(text, fields, limits, { parameter: 'rows', claimed });
}

function parse(
  text: string,
  fields: readonly Field[],
  limits: FilterLimits,
  of: Pick<Reading, 'parameter' | 'claimed'>,
): Filter {
  const { parameter } = of;
  if (text.length > limits.maxFilterChars) {
    throw beyondLimit(`is longer than ${limits.maxFilterChars} characters`, { parameter });
  }
  const tokens = tokenize(text);
  if ('unclosedAt' in tokens) {
    const hint = "Write a quote inside a text twice: 'O''Hara'";
    throw bad({ parameter }, tokens.unclosedAt, 'A quoted text is not closed', hint);
  }
  const budget = filterBudget(limits, () => ({ parameter, position: peek(reading).at }));
  const reading: Reading = { tokens, fields, ...of, budget, next: 0 };
  const filter = readAny(reading);
  if (peek(reading).kind !== 'end') throw unexpected(reading, '"and", "or" or the end');
  return filter;
}

function readAny(reading: Reading): Filter {
  const first = readAll(reading);
  const branches = [first];
  while (accept(reading, 'or')) branches.push(readAll(reading));
  return branches.length === 1 ? first : [{ op: 'any', of: branches }];
}

function readAll(reading: Reading): Filter {
  const conjuncts = [...readOne(reading)];
  while (accept(reading, 'and')) conjuncts.push(...readOne(reading));
  return conjuncts;
}

function readOne(reading: Reading): Filter {
  if (accept(reading, 'not')) return reading.budget.nested(() => [{ op: 'not', of: readOne(reading) }]);
  if (peek(reading).kind !== '(') return [readCondition(reading)];
  reading.next++;
  return reading.budget.nested(() => {
    const inner = readAny(reading);
    expect(reading, ')', '"and", "or" or ")"');
    return inner;
  });
}

function readCondition(reading: Reading): Conjunct {
  reading.budget.condition();
  const word = peek(reading);
  if (word.kind !== 'word') throw unexpected(reading, 'a field, "not" or "("');
  const called = SPELLINGS.get(word.text);
  if (called !== undefined && FUNCTIONS.has(called) && reading.tokens[reading.next + 1]?.kind === '(') {
    return readCall(reading, called);
  }
  const operand = readField(reading);
  const operator = readOperator(reading, operand);
  switch (operator) {
    case 'in':
      return made(reading, operand, operator, readList(reading, operand));
    case 'isNull':
      return condition(operand, operator, [accept(reading, 'true') || !accept(reading, 'false')]);
    default:
      return made(reading, operand, operator, [readLiteral(reading, operand, operator)]);
  }
}

/** `contains(name,'x')`; the parenthesis is known to be there. */
function readCall(reading: Reading, operator: Operator): Conjunct {
  const { at } = peek(reading);
  reading.next += 2;
  const operand = readField(reading);
  checkTakes(reading, operand, operator, at);
  const literals: Literal[] = [];
  if (operator !== 'isNull') {
    expect(reading, ',', '","');
    literals.push(readLiteral(reading, operand, operator));
  }
  expect(reading, ')', '")"');
  return made(reading, operand, operator, literals);
}

function readField(reading: Reading): Operand {
  const token = peek(reading);
  if (token.kind !== 'word') throw unexpected(reading, 'a field');
  const found = fieldAt(reading.fields, token.text);
  if (found === undefined) {
    const enclosed = enclosedText(reading.fields, token.text);
    if (enclosed !== undefined) throw bad(reading, token.at, enclosed, OUTSIDE_HINT);
    const paths = askablePaths(reading.fields).map(([path]) => path);
    throw bad(
      reading,
      token.at,
      `There is no field ${shown(token.text)}.${didYouMean(token.text, paths)}`,
      nearest(token.text, paths),
    );
  }
  if (isMasked(reading.fields, token.text)) {
    throw maskedField(token.text, { parameter: reading.parameter, position: token.at });
  }
  const { type } = found;
  if (!isScalar(type)) {
    const isGroup = type.kind === 'object';
    const inside = isGroup ? `; name one of its fields, ${token.text}.${type.fields[0]?.name ?? ''}` : '';
    const message = `"${token.text}" is ${typeText(type)} and cannot be compared${inside}`;
    throw bad(reading, token.at, message, isGroup ? undefined : OUTSIDE_HINT);
  }
  reading.next++;
  return { field: token.text, type };
}

function readOperator(reading: Reading, operand: Operand): Operator {
  const token = peek(reading);
  if (token.kind !== 'word') throw unexpected(reading, `an operator behind "${operand.field}"`);
  const operator = SPELLINGS.get(token.text);
  if (operator === undefined) {
    throw bad(
      reading,
      token.at,
      `There is no operator ${shown(token.text)}.${didYouMean(token.text, SPELLINGS.keys())}`,
      `"${operand.field}" takes ${OPERATORS_OF[operand.type.kind].join(' ')}`,
    );
  }
  checkTakes(reading, operand, operator, token.at);
  reading.next++;
  return operator;
}

function checkTakes(reading: Reading, { field, type }: Operand, operator: Operator, at: number): void {
  const takes = OPERATORS_OF[type.kind];
  if (takes.includes(operator)) return;
  throw bad(
    reading,
    at,
    `"${field}" is ${typeText(type)} and does not take ${operator}`,
    `It takes ${takes.join(' ')}`,
  );
}
