// Knows: the constant expressions and conditions of compiler directives (`>>IF A = 1 AND B IS DEFINED`), and their values.
// Must not know: which directive they stand in, lines of code.

import { didYouMean } from '../../model/naming.ts';
import { inside, type Place, quoted, syntax, unsupported } from './copybook-faults.ts';

/** What a compilation variable holds: a whole number, a text, or a boolean (`B'1'`). */
export type Defined = bigint | string | boolean;

/** By upper-case name. */
export type Definitions = ReadonlyMap<string, Defined>;

interface Token {
  readonly kind: 'word' | 'text' | 'bits' | 'mark' | 'end';
  /** Upper case, but for a text. */
  readonly text: string;
  readonly place: Place;
}

const TOKEN =
  /\s+|(B)?(?:'((?:[^']|'')*)'|"((?:[^"]|"")*)")|(<=|>=|<>|[=<>()+*/])|([\p{L}\p{N}_#@$-]+)|(.)/giuy;

/** `text` stands at `place`; `*>` ends it, and a period at its end says nothing. */
function tokensOf(text: string, place: Place): readonly Token[] {
  const tokens: Token[] = [];
  const [code = ''] = text.split('*>', 1);
  const end = code.replace(/[\s.]+$/, '').length;
  for (const found of code.slice(0, end).matchAll(TOKEN)) {
    const [, bits, single, double, mark, word, other] = found;
    const at = inside(place, found.index);
    const literal = single?.replaceAll("''", "'") ?? double?.replaceAll('""', '"');
    if (other !== undefined) throw syntax(at, `${quoted(other)} is no part of an expression of a directive`);
    if (literal !== undefined) {
      if (bits !== undefined && literal !== '0' && literal !== '1')
        throw syntax(at, "A boolean is B'0' or B'1'");
      tokens.push({ kind: bits === undefined ? 'text' : 'bits', text: literal, place: at });
    } else if (mark !== undefined || word === '-')
      tokens.push({ kind: 'mark', text: mark ?? '-', place: at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word.toUpperCase(), place: at });
  }
  return [...tokens, { kind: 'end', text: '', place: inside(place, end) }];
}

/** Walks over what stands behind a directive's name. All methods throw a Fault for what is no such thing. */
export interface Expressions {
  /** Takes the next word if it is one of these. */
  accept(...keywords: readonly string[]): boolean;
  name(): string;
  value(): Defined;
  condition(): boolean;
  /** True at the end; `what` says in the fault for anything else what should end there. */
  isEnd(): boolean;
  end(what: string): void;
}

export function expressionsOf(text: string, place: Place, definitions: Definitions): Expressions {
  const tokens = tokensOf(text, place);
  let at = 0;
  let depth = 0;
  const peek = (ahead = 0): Token =>
    tokens[Math.min(at + ahead, tokens.length - 1)] ?? { kind: 'end', text: '', place };
  const next = (): Token => {
    const token = peek();
    at++;
    return token;
  };
  const accept = (...texts: readonly string[]): boolean => {
    const token = peek();
    const accepted = (token.kind === 'word' || token.kind === 'mark') && texts.includes(token.text);
    if (accepted) at++;
    return accepted;
  };
  const name = (): string => {
    const token = next();
    if (token.kind === 'word' && !/^[-\d]+$/.test(token.text)) return token.text;
    throw syntax(token.place, 'The name of a compilation variable is expected');
  };
  const nested = <T>(read: () => T): T => {
    depth++;
    if (depth > 50) throw syntax(peek().place, 'Parentheses stand too deep in each other');
    const read_ = read();
    const { place: behind } = peek();
    if (!accept(')')) throw syntax(behind, '`)` is expected');
    depth--;
    return read_;
  };
  const operand = (): Defined => {
    let negative = false;
    let { place: signed } = peek();
    let isSigned = false;
    for (let token = peek(); accept('-', '+'); token = peek()) {
      isSigned = true;
      signed = token.place;
      if (token.text === '-') negative = !negative;
    }
    const value = unsigned();
    if (!isSigned) return value;
    return negative ? -whole(value, signed) : whole(value, signed);
  };
  const unsigned = (): Defined => {
    if (accept('(')) return nested(sum);
    const token = next();
    if (token.kind === 'text') return token.text;
    if (token.kind === 'bits') return token.text === '1';
    if (token.kind === 'word' && /^-?\d{1,31}$/.test(token.text)) return BigInt(token.text);
    if (token.kind !== 'word')
      throw syntax(token.place, 'A number, a text or the name of a compilation variable is expected');
    const value = definitions.get(token.text);
    if (value !== undefined) return value;
    const hint = ' Give it in the option `defines`, as the compiler option DEFINE does';
    throw syntax(
      token.place,
      `${quoted(token.text)} is not defined.${didYouMean(token.text, definitions.keys()) || hint}`,
    );
  };
  const product = (): Defined => {
    let value = operand();
    for (let token = peek(); accept('*', '/'); token = peek()) {
      const left = whole(value, token.place);
      const right = whole(operand(), token.place);
      if (token.text === '/' && right === 0n) throw syntax(token.place, 'Nothing can be divided by zero');
      value = token.text === '*' ? left * right : left / right;
    }
    return value;
  };
  const sum = (): Defined => {
    let value = product();
    for (let token = peek(); accept('+', '-'); token = peek()) {
      const left = whole(value, token.place);
      const right = whole(product(), token.place);
      value = token.text === '+' ? left + right : left - right;
    }
    return value;
  };
  const simple = (): boolean => {
    let negated = false;
    while (accept('NOT')) negated = !negated;
    return simpleOf() !== negated;
  };
  const simpleOf = (): boolean => {
    // A parenthesis may begin a condition or an arithmetic expression: what stands behind its end tells.
    if (peek().text === '(' && peek().kind === 'mark' && isCondition(tokens, at)) {
      at++;
      return nested(either);
    }
    const { kind, text, place: start } = peek();
    if (kind === 'word') {
      const ahead = peek(1).text === 'IS' ? 2 : 1;
      const not = peek(ahead).text === 'NOT' ? 1 : 0;
      const last = peek(ahead + not);
      if (last.kind === 'word' && (last.text === 'DEFINED' || last.text === 'SET')) {
        at += ahead + not + 1;
        const isDefined = definitions.has(text);
        if (last.text === 'SET' && !isDefined) {
          throw unsupported(
            start,
            `Asking whether the compiler directive ${quoted(text)} is set, unless the option \`defines\` names it,`,
          );
        }
        const holds = isDefined && (last.text === 'DEFINED' || definitions.get(text) !== false);
        return holds !== (not === 1);
      }
    }
    const left = sum();
    const relation = relationOf(accept);
    if (relation === undefined) {
      if (typeof left === 'boolean') return left;
      throw syntax(peek().place, 'A comparison (`= < > <= >= <>`) or DEFINED is expected');
    }
    return relation(compare(left, sum(), start));
  };
  const both = (): boolean => {
    let value = simple();
    while (accept('AND')) value = simple() && value;
    return value;
  };
  const either = (): boolean => {
    let value = both();
    while (accept('OR')) value = both() || value;
    return value;
  };
  return {
    accept,
    name,
    value: sum,
    condition: either,
    isEnd: () => peek().kind === 'end',
    end(what) {
      const token = peek();
      if (token.kind !== 'end')
        throw syntax(token.place, `${what} ends here; ${quoted(token.text)} cannot go on with it`);
    },
  };
}

/** Do the parentheses that open at `start` hold a condition, or only an operand of one? */
function isCondition(tokens: readonly Token[], start: number): boolean {
  let depth = 0;
  for (let i = start; i < tokens.length; i++) {
    const { kind, text } = tokens[i] ?? { kind: 'end', text: '' };
    if (kind === 'mark' && text === '(') depth++;
    else if (kind === 'mark' && text === ')') depth--;
    else if (
      /^(?:<=|>=|<>|[=<>]|NOT|AND|OR|DEFINED|SET|EQUAL|EQUALS|LESS|GREATER)$/.test(text) &&
      kind !== 'text'
    )
      return true;
    if (depth === 0) {
      const behind = tokens[i + 1];
      return behind === undefined || behind.kind === 'end' || /^(?:AND|OR|\))$/.test(behind.text);
    }
  }
  return true;
}

type Order = 'less' | 'equal' | 'greater' | 'different';

function relationOf(accept: Expressions['accept']): ((order: Comparison) => boolean) | undefined {
  accept('IS');
  const not = accept('NOT');
  const orders = ordersOf(accept);
  if (orders === undefined) return undefined;
  return ({ order, place }) => {
    if (order === 'different' && orders.length !== (orders.includes('equal') ? 1 : 2))
      throw syntax(place, 'Texts and booleans are equal or not; none is less');
    const holds = orders.includes(order) || (order === 'different' && orders.length === 2);
    return holds !== not;
  };
}

function ordersOf(accept: Expressions['accept']): readonly Order[] | undefined {
  if (accept('<>')) return ['less', 'greater'];
  if (accept('<=')) return ['less', 'equal'];
  if (accept('>=')) return ['greater', 'equal'];
  if (accept('=', 'EQUAL', 'EQUALS')) {
    accept('TO');
    return ['equal'];
  }
  const less = accept('<', 'LESS');
  if (!less && !accept('>', 'GREATER')) return undefined;
  accept('THAN');
  const orEqual = accept('OR');
  if (orEqual) {
    accept('EQUAL', '=');
    accept('TO');
  }
  const order = less ? 'less' : 'greater';
  return orEqual ? [order, 'equal'] : [order];
}

interface Comparison {
  readonly order: Order;
  readonly place: Place;
}

/** Numbers by value; texts and booleans are equal or `different`. A text of digits, as options give it, is a number beside one. */
export function compare(a: Defined, b: Defined, place: Place): Comparison {
  const [left, right] = typeof a === typeof b ? [a, b] : [asNumber(a), asNumber(b)];
  if (typeof left !== typeof right)
    throw syntax(place, 'A number, a text and a boolean cannot be compared with each other');
  if (left === right) return { order: 'equal', place };
  if (typeof left !== 'bigint' || typeof right !== 'bigint') return { order: 'different', place };
  return { order: left < right ? 'less' : 'greater', place };
}

function asNumber(value: Defined): Defined {
  return typeof value === 'string' && /^[+-]?\d{1,31}$/.test(value) ? BigInt(value.replace('+', '')) : value;
}

const MOST = 10n ** 31n;

function whole(value: Defined, place: Place): bigint {
  const number = asNumber(value);
  if (typeof number === 'bigint' && number < MOST && -number < MOST) return number;
  if (typeof number === 'bigint') throw syntax(place, 'A number of a directive has at most 31 digits');
  throw syntax(place, 'Only whole numbers can be computed with');
}
