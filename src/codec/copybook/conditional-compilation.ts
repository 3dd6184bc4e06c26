// Knows: conditional compilation: DEFINE, IF … ELSE … END-IF, EVALUATE … WHEN … END-EVALUATE, and which branch is code.
// Must not know: how expressions are read, lines and columns.

import { compare, type Defined, type Expressions, expressionsOf } from './compile-expression.ts';
import { type Place, syntax, unsupported } from './copybook-faults.ts';
import type { Literal } from './tree.ts';

/** A directive that decides which lines are code: `>>IF`, `$ELSE`, `>>DEFINE`. */
export interface ConditionalDirective {
  /** In upper case. */
  readonly name: string;
  /** What stands behind the name, and where. */
  readonly rest: string;
  readonly restPlace: Place;
  /** As it is written, for messages: `>>IF`. */
  readonly written: string;
}

/** Names of the directives, with what they do to the depth. */
export const CONDITIONAL: Readonly<Record<string, -1 | 0 | 1>> = {
  DEFINE: 0,
  IF: 1,
  ELIF: 0,
  'ELSE-IF': 0,
  ELSE: 0,
  'END-IF': -1,
  END: -1,
  EVALUATE: 1,
  WHEN: 0,
  'END-EVALUATE': -1,
};

/** What the directives say so far, over all texts of one parse. */
export interface Compilation {
  /** Is what stands here code? */
  isActive(): boolean;
  /** `least`: branches that were open before the text of the directive began: it cannot close them. */
  apply(directive: ConditionalDirective, place: Place, least: number): void;
  /** Branches that are open. */
  depth(): number;
  /** Throws for a branch that is open beyond this depth; `quietly` closes it. */
  close(depth: number, quietly: 'quietly' | undefined): void;
  /** What `$SET CONSTANT` gave a name: Micro Focus uses it like a level 78. */
  readonly constants: ReadonlyMap<string, Literal>;
}

interface Branches {
  readonly kind: 'IF' | 'EVALUATE';
  readonly written: string;
  readonly place: Place;
  /** Is what stands around all branches code? */
  readonly outer: boolean;
  /** What WHEN is compared with; undefined under EVALUATE TRUE. */
  readonly subject?: Defined;
  /** One of the branches was code. */
  taken: boolean;
  active: boolean;
  /** ELSE or WHEN OTHER was there. */
  last: boolean;
}

/** Enterprise COBOL Language Reference, "Conditional compilation"; `$IF`: Micro Focus, "Conditional compilation". */
export function compilationOf(defines: Readonly<Record<string, string | number | boolean>>): Compilation {
  const definitions = new Map<string, Defined>();
  for (const [name, value] of Object.entries(defines)) {
    definitions.set(
      name.toUpperCase(),
      Number.isSafeInteger(value) ? BigInt(value) : typeof value === 'number' ? String(value) : value,
    );
  }
  /** What the options define wins over `AS PARAMETER` only. */
  const given = new Map(definitions);
  const constants = new Map<string, Literal>();
  const open: Branches[] = [];
  const isActive = (): boolean => open.at(-1)?.active ?? true;

  const enter = (branches: Branches, holds: () => boolean): void => {
    branches.active = branches.outer && !branches.taken && holds();
    branches.taken ||= branches.active;
  };
  const current = (
    kind: Branches['kind'],
    { written }: ConditionalDirective,
    place: Place,
    least: number,
  ): Branches => {
    const branches = open.at(-1);
    if (branches?.kind === kind && open.length > least) return branches;
    throw syntax(place, `${written} stands in no ${kind}`);
  };
  const goOn = (branches: Branches, { written }: ConditionalDirective, place: Place): void => {
    if (!branches.last) return;
    throw syntax(
      place,
      `${written} stands behind the last branch of the ${branches.kind} in line ${branches.place.line}`,
    );
  };

  const apply = (directive: ConditionalDirective, place: Place, least: number): void => {
    const { name, written, rest, restPlace } = directive;
    const read = <T>(take: (expressions: Expressions) => T): T => {
      const expressions = expressionsOf(rest, restPlace, definitions);
      const taken = take(expressions);
      expressions.end(written);
      return taken;
    };
    const condition = (): boolean => read((expressions) => expressions.condition());
    const outer = isActive();
    switch (name) {
      case 'DEFINE':
        if (outer) read((expressions) => define(expressions, place));
        return;
      case 'CONSTANT':
        if (outer) defineConstant(rest, restPlace);
        return;
      case 'IF': {
        const branches: Branches = {
          kind: 'IF',
          written,
          place,
          outer,
          taken: false,
          active: false,
          last: false,
        };
        enter(branches, condition);
        open.push(branches);
        return;
      }
      case 'ELIF':
      case 'ELSE-IF': {
        const branches = current('IF', directive, place, least);
        goOn(branches, directive, place);
        enter(branches, condition);
        return;
      }
      case 'ELSE': {
        const branches = current('IF', directive, place, least);
        goOn(branches, directive, place);
        branches.last = true;
        enter(branches, () => true);
        return;
      }
      case 'EVALUATE': {
        const subject = outer
          ? read((expressions) => (expressions.accept('TRUE') ? undefined : expressions.value()))
          : undefined;
        open.push({
          kind: 'EVALUATE',
          written,
          place,
          outer,
          taken: false,
          active: false,
          last: false,
          ...(subject !== undefined && { subject }),
        });
        return;
      }
      case 'WHEN': {
        const branches = current('EVALUATE', directive, place, least);
        goOn(branches, directive, place);
        const { subject } = branches;
        branches.last = /^\s*OTHER\b/i.test(rest);
        enter(
          branches,
          () =>
            branches.last ||
            read((each) => (subject === undefined ? each.condition() : isChosen(subject, each, place))),
        );
        return;
      }
      default:
        current(name === 'END-EVALUATE' ? 'EVALUATE' : 'IF', directive, place, least);
        open.pop();
    }
  };

  /** `>>DEFINE name [AS] value [OVERRIDE]`, `AS PARAMETER`, `OFF`. */
  const define = (expressions: Expressions, place: Place): void => {
    const name = expressions.name();
    expressions.accept('AS');
    if (expressions.accept('OFF')) {
      definitions.delete(name);
      return;
    }
    const parameter = expressions.accept('PARAMETER');
    const value = parameter ? given.get(name) : expressions.isEnd() ? true : expressions.value();
    const override = expressions.accept('OVERRIDE');
    const before = definitions.get(name);
    if (value === undefined) return;
    if (before !== undefined && before !== value && !override && !parameter)
      throw syntax(place, `${name} is defined otherwise before: OVERRIDE says that this one counts`);
    definitions.set(name, value);
  };

  /** `$SET CONSTANT NAME(value)`, `NAME "value"`, `NAME=value`. */
  const defineConstant = (rest: string, place: Place): void => {
    const [, name, quote, text, bare] =
      /^\s*([A-Z0-9_-]+)(?![A-Z0-9_-])[\s(=]*(?:(['"])(.*?)\2|([^\s()'"]+))/i.exec(rest) ?? [];
    if (name === undefined)
      throw syntax(place, '`$SET CONSTANT` is followed by a name and its value: `NAME(5)`');
    const value =
      quote !== undefined
        ? (text ?? '')
        : /^[+-]?\d{1,31}$/.test(bare ?? '')
          ? BigInt((bare ?? '').replace('+', ''))
          : (bare ?? '');
    definitions.set(name.toUpperCase(), value);
    constants.set(name.toUpperCase(), {
      kind: typeof value === 'bigint' ? 'number' : 'text',
      text: String(value),
    });
  };

  return {
    constants,
    isActive,
    apply,
    depth: () => open.length,
    close(depth, quietly) {
      const unclosed = open[depth];
      open.length = Math.min(open.length, depth);
      if (unclosed === undefined || quietly !== undefined) return;
      const end = unclosed.written.startsWith('$') ? '$END' : `>>END-${unclosed.kind}`;
      throw syntax(unclosed.place, `This ${unclosed.written} has no ${end}`);
    },
  };
}

function isChosen(subject: Defined, expressions: Expressions, place: Place): boolean {
  const from = compare(subject, expressions.value(), place).order;
  if (!expressions.accept('THRU', 'THROUGH')) return from === 'equal';
  const to = compare(subject, expressions.value(), place).order;
  if (from === 'different' || to === 'different') throw unsupported(place, 'A range of texts');
  return from !== 'less' && to !== 'greater';
}
