// Knows: the expression by which a record says how long it is: numbers, fields, + - * and parentheses.
// Must not know: files, and how records follow one another.

import { Fault } from '../../fault.ts';
import { didYouMean } from '../../model/naming.ts';
import { compile, type Locate } from '../compile/compile.ts';
import { type Layout, layoutFrom, type Node, type ScalarNode } from '../layout.ts';
import type { MeasuredFraming } from './framing.ts';
import { hexOf } from './framing-faults.ts';
import { misconfigured } from './inner-writer.ts';

/** A number worked out of a record's bytes; a Fault (its byte offset counted from the record) where a field holds none. */
type Term = (bytes: Uint8Array, start: number) => number | Error;

/**
 * `lengthOf` for `REC-LEN + 4` and the like. Throws `invalid` (misconfigured) for what is no expression, or names a field that is no
 * whole number, or does not always stand at the same place.
 */
export function lengthFrom(expression: string, layout: Layout): MeasuredFraming['lengthOf'] {
  const fields = fieldsOf(layout);
  /** Bytes of the record that the expression looks at. */
  let needed = 1;
  const term = parse(expression, (name) => {
    const node = fieldNamed(name, fields, expression);
    needed = Math.max(needed, node.offset + node.length);
    return readerOf(node, layout);
  });
  return (bytes, start, end) => (end - start < needed ? 'more' : term(bytes, start));
}

const TOKEN = /\s*(?:([+*()-])|([A-Za-z0-9][\w.-]*))/y;

function parse(text: string, field: (name: string) => Term): Term {
  const tokens = tokensOf(text);
  let at = 0;
  const next = (...wanted: readonly string[]): string | undefined => {
    const token = tokens[at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    at++;
    return token;
  };
  const sum = (): Term => {
    let left = product();
    for (let sign = next('+', '-'); sign !== undefined; sign = next('+', '-')) {
      const factor = sign === '+' ? 1 : -1;
      left = both(left, product(), (a, b) => a + factor * b);
    }
    return left;
  };
  const product = (): Term => {
    let left = operand();
    while (next('*') !== undefined) left = both(left, operand(), (a, b) => a * b);
    return left;
  };
  const operand = (): Term => {
    if (next('(') !== undefined) {
      const inside = sum();
      if (next(')') === undefined) throw malformed(text, 'a closing parenthesis is missing');
      return inside;
    }
    const token = tokens[at];
    if (token === undefined) throw malformed(text, 'something is missing at its end');
    if (/^[+*()-]$/.test(token)) throw malformed(text, `"${token}" stands where a field or a number should`);
    at++;
    if (/^\d+$/.test(token)) {
      const number = Number(token);
      return () => number;
    }
    return field(token);
  };
  const whole = sum();
  if (at < tokens.length) throw malformed(text, `"${tokens[at]}" is too much`);
  return whole;
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end; ) {
    const from = TOKEN.lastIndex;
    const [, sign, word] = TOKEN.exec(text) ?? [];
    const token = sign ?? word;
    if (token === undefined)
      throw malformed(text, `"${text.slice(from).trim().charAt(0)}" has no meaning in it`);
    tokens.push(token);
  }
  return tokens;
}

function both(left: Term, right: Term, combine: (a: number, b: number) => number): Term {
  return (bytes, start) => {
    const a = left(bytes, start);
    if (typeof a !== 'number') return a;
    const b = right(bytes, start);
    return typeof b === 'number' ? combine(a, b) : b;
  };
}

function malformed(text: string, why: string): Fault {
  return misconfigured(
    'bad-length-expression',
    `The record length "${text.slice(0, 200)}" is no expression: ${why}`,
    'Write fields, whole numbers, + - * and parentheses, such as REC-LEN + 4.',
  );
}

/** A scalar by its names, and why it cannot be used, if so. */
interface Candidate {
  readonly path: string;
  readonly node: ScalarNode;
  readonly obstacle?: string;
}

function fieldsOf({ nodes }: Layout): readonly Candidate[] {
  const found: Candidate[] = [];
  /** Name of a table before the node at hand that does not always take the same bytes. */
  let behind: string | undefined;
  const visit = (node: Node, prefix: string, inside: string | undefined): void => {
    const path = prefix + node.name;
    switch (node.kind) {
      case 'scalar': {
        const moved =
          behind === undefined
            ? undefined
            : `does not always stand at the same place, being behind ${behind}`;
        const obstacle = inside ?? moved;
        found.push({ path, node, ...(obstacle === undefined ? {} : { obstacle }) });
        return;
      }
      case 'group':
        for (const child of node.nodes) visit(child, `${path}.`, inside);
        return;
      case 'list':
        visit(node.of, prefix, `is in the table ${shownName(node)}`);
        if (node.slides === true) behind ??= shownName(node);
        return;
      case 'union':
        for (const variant of node.variants) {
          for (const child of variant.node.nodes)
            visit(child, `${path}.`, `is in a part of ${shownName(node)}`);
        }
    }
  };
  for (const node of nodes) visit(node, '', undefined);
  return found;
}

function shownName({ legacyName, name }: Node): string {
  return legacyName ?? name;
}

function fieldNamed(name: string, fields: readonly Candidate[], expression: string): ScalarNode {
  const upper = name.toUpperCase();
  const matching = fields.filter(
    ({ path, node }) => path === name || node.legacyName?.toUpperCase() === upper,
  );
  const exact = matching.find(({ path }) => path === name);
  const [candidate] = exact === undefined ? matching : [exact];
  if (candidate === undefined) {
    const names = fields.flatMap(({ path, node }) => [node.legacyName ?? path, path]);
    const minus = /[A-Za-z0-9]-\w+$/.test(name)
      ? 'A minus between two terms needs blanks around it.'
      : undefined;
    throw misconfigured(
      'unknown-length-field',
      `The record length "${expression}" names "${name}", which is no field.${didYouMean(name, names)}`,
      minus,
    );
  }
  if (exact === undefined && matching.length > 1) {
    throw misconfigured(
      'ambiguous-length-field',
      `The record length "${expression}" names "${name}", and there are ${matching.length} such fields`,
      `Use one of ${matching.map(({ path }) => path).join(', ')}.`,
    );
  }
  const { node, obstacle } = candidate;
  if (obstacle !== undefined) {
    throw misconfigured(
      'bad-length-field',
      `"${name}" cannot say how long a record is: it ${obstacle}`,
      'The length must stand at one place in every record.',
    );
  }
  const { type } = node;
  const whole =
    type.kind === 'int32' || type.kind === 'int64' || (type.kind === 'decimal' && type.scale === 0);
  if (!whole || node.encoding.kind === 'condition' || node.encoding.kind === 'enum') {
    throw misconfigured(
      'bad-length-field',
      `"${name}" cannot say how long a record is: it is no whole number`,
    );
  }
  return node;
}

/** Reads one field by the codec's own decoder, over a layout that ends with it. */
function readerOf(node: ScalarNode, { charset }: Layout): Term {
  const { alternate: _, ...shown } = node;
  const length = node.offset + node.length;
  const prefix = layoutFrom({ name: 'Length', charset, length, minLength: length, nodes: [shown] });
  const decode = compile(prefix).decoder([node.name]);
  const locate: Locate = (at) => ({ byteOffset: at });
  return (bytes, start) => {
    const value = decode(bytes, start, start + length, locate)[node.name];
    if (value instanceof Error) return value;
    const number = Number(value ?? Number.NaN);
    if (Number.isSafeInteger(number)) return number;
    return new Fault('corrupt', 'The field that says how long the record is holds no number', {
      code: 'no-record-length',
      field: node.name,
      byteOffset: node.offset,
      hex: hexOf(bytes, start + node.offset, start + length),
    });
  };
}
