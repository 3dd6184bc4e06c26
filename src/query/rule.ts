// Knows: rules about rows: filters in whose text claims of the caller stand where literals may, `branch eq @claims.branch`.
// Must not know: roles, where claims come from.

import { Fault } from '../fault.ts';
import type { Field } from '../model/type.ts';
import { fromJson, type Json, type Value } from '../model/value.ts';
import { type Conjunct, condition, type Filter, fieldsOf } from './filter.ts';
import type { FilterLimits } from './filter-budget.ts';
import { tokenize } from './filter-lexer.ts';
import type { ClaimedCondition, Literal } from './filter-literals.ts';
import { parseFilterWithClaims } from './filter-text.ts';
import { identity } from './page.ts';

export interface Rule {
  /** As it was written. */
  readonly text: string;
  /** Equal for rules that differ in blanks only. */
  readonly identity: string;
  /** Paths of the fields that it reads. */
  readonly fields: readonly string[];
  /** Claims that it needs. */
  readonly claims: readonly string[];
  /** Fields whose value it gives: every row that satisfies it has one of finitely many values there. */
  readonly gives: readonly string[];
  /** Throws `forbidden` (`missing-claim`) for a claim that is not there, or is no value of the field that it is compared with. */
  bind(claims: Readonly<Record<string, Json>>): Filter;
}

/** Throws as `parseFilter` does. */
export function parseRule(text: string, fields: readonly Field[], limits: FilterLimits): Rule {
  const claimed = new Map<Conjunct, ClaimedCondition>();
  const template = parseFilterWithClaims(text, fields, limits, claimed);
  return {
    text,
    identity: identityOf(text),
    fields: fieldsOf(template),
    claims: [...new Set([...claimed.values()].flatMap(({ literals }) => literals.flatMap(claimsIn)))],
    gives: template.flatMap((conjunct) => {
      const { operator, operand } = claimed.get(conjunct) ?? {};
      if (operand !== undefined) return operator === 'eq' || operator === 'in' ? [operand.field] : [];
      return conjunct.op === 'eq' || conjunct.op === 'in' ? [conjunct.field] : [];
    }),
    bind: (claims) =>
      claimed.size === 0 ? template : template.map((conjunct) => bound(conjunct, claimed, claims)),
  };
}

function identityOf(text: string): string {
  const tokens = tokenize(text);
  return 'unclosedAt' in tokens ? text : identity(tokens.map(({ at: _, ...token }) => token));
}

function claimsIn({ claim }: Literal): readonly string[] {
  return claim === undefined ? [] : [claim];
}

function bound(
  conjunct: Conjunct,
  claimed: ReadonlyMap<Conjunct, ClaimedCondition>,
  claims: Readonly<Record<string, Json>>,
): Conjunct {
  const own = claimed.get(conjunct);
  if (own !== undefined) {
    return condition(
      own.operand,
      own.operator,
      own.literals.flatMap((literal) => valuesOf(literal, own, claims)),
    );
  }
  const inside = (filter: Filter): Filter => filter.map((inner) => bound(inner, claimed, claims));
  switch (conjunct.op) {
    case 'any':
      return { ...conjunct, of: conjunct.of.map(inside) };
    case 'not':
      return { ...conjunct, of: inside(conjunct.of) };
    default:
      return conjunct;
  }
}

/** With `in`, a claim may be a list of values. */
function valuesOf(
  { value, claim }: Literal,
  { operand: { type }, operator }: ClaimedCondition,
  claims: Readonly<Record<string, Json>>,
): readonly Value[] {
  if (claim === undefined) return [value];
  const json = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  const items = operator === 'in' && isList(json) ? json : [json];
  return items.map((item) => {
    const fitting = item === undefined || item === null ? undefined : fromJson(type, item);
    if (fitting === undefined || fitting === null || isVoid(operator, fitting)) throw missing(claim);
    return fitting;
  });
}

/** Every text begins with, ends with and contains nothing: such a claim would restrict nobody. */
function isVoid(operator: ClaimedCondition['operator'], value: Value): boolean {
  return value === '' && (operator === 'startsWith' || operator === 'endsWith' || operator === 'contains');
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

function missing(claim: string): Fault {
  return new Fault('forbidden', `The claim "${claim}" is missing, or it is of no use`, {
    code: 'missing-claim',
    hint: 'What you may see depends on it; it is part of your credentials.',
  });
}
