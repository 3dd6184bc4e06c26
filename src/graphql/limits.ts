// Knows: how large a GraphQL request may be before it is looked at: tokens, nesting, depth of its variables.
// Must not know: what it asks for. Rows and relations are limited by the planner.

import {
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  Kind,
  Lexer,
  type ParseOptions,
  parse,
  type SelectionSetNode,
  Source,
  TokenKind,
  type ValidationContext,
} from 'graphql';
import { Fault } from '../fault.ts';
import type { Policy } from '../policy.ts';

/** The parser with a bound: a text of too many tokens is refused before a tree is built from it. */
export function boundedParse(
  maxTokens: number,
): (source: string | Source, options?: ParseOptions) => DocumentNode {
  return (source, options) => {
    const text = typeof source === 'string' ? source : source.body;
    // A token has at least one character.
    if (text.length > maxTokens && hasMoreTokens(text, maxTokens)) {
      throw refusal(`The query has more than ${maxTokens} tokens`, 'token-limit');
    }
    return parse(source, options);
  };
}

function hasMoreTokens(text: string, limit: number): boolean {
  const lexer = new Lexer(new Source(text));
  for (let count = 0; lexer.advance().kind !== TokenKind.EOF; count++) {
    if (count >= limit) return true;
  }
  return false;
}

/**
 * A validation rule: fields are nested no deeper than this. Introspection is not counted; graphql-js bounds it by a rule
 * of its own (MaxIntrospectionDepthRule).
 */
export function maxDepthRule(maxDepth: number): (context: ValidationContext) => ASTVisitor {
  return function MaxDepthRule(context) {
    const fragments = new Map<string, number>();

    function depthOf({ selections }: SelectionSetNode): number {
      let deepest = 0;
      for (const selection of selections) {
        const depth =
          selection.kind === Kind.FRAGMENT_SPREAD
            ? fragmentDepth(selection.name.value)
            : selection.kind === Kind.INLINE_FRAGMENT
              ? depthOf(selection.selectionSet)
              : selection.name.value.startsWith('__')
                ? 0
                : 1 + (selection.selectionSet === undefined ? 0 : depthOf(selection.selectionSet));
        deepest = Math.max(deepest, depth);
      }
      return deepest;
    }

    function fragmentDepth(name: string): number {
      const known = fragments.get(name);
      if (known !== undefined) return known;
      // A fragment that contains itself is another rule's finding; here it must only come to an end.
      fragments.set(name, 0);
      const fragment = context.getFragment(name);
      const depth = fragment == null ? 0 : depthOf(fragment.selectionSet);
      fragments.set(name, depth);
      return depth;
    }

    return {
      OperationDefinition(node) {
        const depth = depthOf(node.selectionSet);
        if (depth <= maxDepth) return;
        const fault = new Fault(
          'too-costly',
          `The query is nested ${depth} levels deep; the limit is ${maxDepth}`,
          {
            code: 'depth-limit',
          },
        );
        context.reportError(new GraphQLError(fault.message, { nodes: node, originalError: fault }));
      },
    };
  };
}

/** One question for the schema is enough for every tool; a few more do no harm. */
const MAX_INTROSPECTIONS = 10;

/**
 * A validation rule: how often one short document may ask for the same in other words, fragments counted wherever they are spread. The schema
 * is asked for with few aliases, because each repeats all of it.
 */
export function maxExtentRule({
  maxAliases,
  maxRootFields,
}: Policy['graphql']): (context: ValidationContext) => ASTVisitor {
  return function MaxExtentRule(context) {
    /** Sums up what the fields of a selection are worth. A fragment is worked out once, or a short text could ask for it endlessly often. */
    const sumOf = (worth: (field: FieldNode) => number): ((set: SelectionSetNode) => number) => {
      const fragments = new Map<string, number>();
      const ofFragment = (name: string): number => {
        const known = fragments.get(name);
        if (known !== undefined) return known;
        // A fragment that contains itself is another rule's finding.
        fragments.set(name, 0);
        const fragment = context.getFragment(name);
        const sum = fragment == null ? 0 : of(fragment.selectionSet);
        fragments.set(name, sum);
        return sum;
      };
      const of = ({ selections }: SelectionSetNode): number =>
        selections.reduce((sum, selection) => {
          if (selection.kind === Kind.FIELD) return sum + worth(selection);
          const inside =
            selection.kind === Kind.INLINE_FRAGMENT
              ? of(selection.selectionSet)
              : ofFragment(selection.name.value);
          return sum + inside;
        }, 0);
      return of;
    };
    const aliases: (set: SelectionSetNode) => number = sumOf(
      ({ alias, selectionSet }) =>
        (alias === undefined ? 0 : 1) + (selectionSet === undefined ? 0 : aliases(selectionSet)),
    );
    const roots = sumOf(() => 1);
    const introspections = sumOf(({ name, selectionSet }) =>
      name.value === '__schema' || name.value === '__type'
        ? 1 + (selectionSet === undefined ? 0 : aliases(selectionSet))
        : 0,
    );

    return {
      OperationDefinition(node) {
        const bound = (number: number, most: number, what: string, code: string): void => {
          if (number <= most) return;
          const fault = new Fault('too-costly', `The query has more than ${most} ${what}`, { code });
          context.reportError(new GraphQLError(fault.message, { nodes: node, originalError: fault }));
        };
        bound(aliases(node.selectionSet), maxAliases, 'aliases', 'alias-limit');
        bound(roots(node.selectionSet), maxRootFields, 'root fields', 'root-field-limit');
        bound(
          introspections(node.selectionSet),
          MAX_INTROSPECTIONS,
          'questions for the schema',
          'introspection-limit',
        );
      },
    };
  };
}

/** Levels beside those of and, or, not (two each): the arguments around the filter, groups and operators inside it. */
const SPARE_LEVELS = 60;

/** Deepest nesting of `variables` that a filter within its limit can need. */
export function variableDepth({ query }: Policy): number {
  return 2 * query.maxFilterDepth + SPARE_LEVELS;
}

/**
 * The variables as graphql-js may read them: bounded, because it reads them by recursion, and without a prototype, because
 * it would take `Object.prototype.constructor` for the value of an input field `constructor` that was left out.
 */
export function bareVariables(variables: object, maxDepth: number, depth = 0): Record<string, unknown> {
  const bare: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(variables)) bare[name] = bareValue(value, maxDepth, depth + 1);
  return bare;
}

function bareValue(value: unknown, maxDepth: number, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > maxDepth) {
    throw refusal(`The variables are nested deeper than ${maxDepth} levels`, 'depth-limit');
  }
  return Array.isArray(value)
    ? value.map((element) => bareValue(element, maxDepth, depth + 1))
    : bareVariables(value, maxDepth, depth);
}

/** Wrapped, because yoga takes an error that has `errors`, as a fault has, for a bundle of errors and opens it. */
export function wrapped(fault: Fault): GraphQLError {
  return new GraphQLError(fault.message, { originalError: fault });
}

function refusal(message: string, code: string): GraphQLError {
  return wrapped(new Fault('too-costly', message, { code }));
}
