// Random layouts with tables that slide, nested and not, and unions everywhere, each with records and the rows that they stand
// for. A record is put together from its pieces one behind the other, which knows nothing of widest forms: the tests' oracle.

import { join } from '../../../src/codec/compile/place.ts';
import { type Layout, layoutFrom, type Node, type Variant } from '../../../src/codec/index.ts';
import { type Cell, type Row, TAG } from '../../../src/model/value.ts';
import type { Random } from '../../random.ts';
import { digit, digitBytes, letterBytes, letters } from './ebcdic-fields.ts';

export interface RandomLayout {
  readonly layout: Layout;
  make(): { readonly bytes: Uint8Array; readonly row: Row };
}

/** Bytes and cells of one record in the making; counts by the name of their counter, the innermost frame first. */
interface Making {
  readonly counts: Map<string, number>;
  readonly kinds: Map<string, number>;
  readonly outer?: Making;
}

/** Some items one behind the other, at their places in the widest form. */
interface Items {
  readonly nodes: readonly Node[];
  readonly end: number;
  make(making: Making): { readonly bytes: readonly number[]; readonly row: Record<string, Cell> };
}

interface Item {
  /** Absent: FILLER. */
  readonly node?: Node;
  readonly length: number;
  make(making: Making): { readonly bytes: readonly number[]; readonly cell: Cell };
}

/** A counter that tables may depend on. */
interface CounterItem {
  readonly name: string;
  readonly path: string;
  readonly min: number;
  readonly max: number;
}

export interface Wanted {
  readonly tables: boolean;
  readonly unions: boolean;
}

const MOST_DEPTH = 3;

export function randomLayout(random: Random, wanted: Wanted): RandomLayout {
  const { int, chance, pick } = random;
  let names = 0;
  const fresh = (letter: string) => `${letter}${names++}`;

  function scalar(offset: number): Item {
    const length = 1 + int(6);
    if (chance(0.2)) {
      return {
        length,
        make: () => ({ bytes: Array.from({ length }, () => int(256)), cell: null }),
      };
    }
    if (chance(0.4)) {
      return {
        node: digit(fresh('n'), offset, length),
        length,
        make() {
          const value = int(10 ** length);
          return { bytes: digitBytes(value, length), cell: value };
        },
      };
    }
    return {
      node: letters(fresh('t'), offset, length),
      length,
      make() {
        const text = Array.from({ length: int(length + 1) }, () => pick([...'ABCDEFGHI'])).join('');
        return { bytes: letterBytes(text, length), cell: text };
      },
    };
  }

  function counter(known: CounterItem, offset: number): Item {
    const length = 2;
    return {
      node: digit(known.name, offset, length),
      length,
      make({ counts }) {
        const count = known.min + int(known.max - known.min + 1);
        counts.set(known.name, count);
        return { bytes: digitBytes(count, length), cell: count };
      },
    };
  }

  function found<T>(making: Making | undefined, of: (making: Making) => T | undefined): T {
    if (making === undefined) throw new Error('nobody knows');
    return of(making) ?? found(making.outer, of);
  }

  function table(
    offset: number,
    path: string,
    known: CounterItem,
    counters: readonly CounterItem[],
    depth: number,
  ): Item {
    const name = fresh('list');
    const inner = chance(0.3) && depth < MOST_DEPTH ? undefined : scalar(0);
    const isPlain = inner?.node !== undefined;
    const element = isPlain ? undefined : items(join(path, name), counters, depth + 1, 'list');
    const stride = inner !== undefined && isPlain ? inner.length : (element?.end ?? 0);
    const of: Node = isPlain
      ? { ...(inner.node ?? digit('', 0, 1)), name }
      : { kind: 'group', name, typeName: fresh('G'), offset: 0, length: stride, nodes: element?.nodes ?? [] };
    return {
      node: {
        kind: 'list',
        name,
        offset,
        length: known.max * stride,
        stride,
        min: known.min,
        max: known.max,
        of,
        dependingOn: known.path,
        slides: true,
      },
      length: known.max * stride,
      make(making) {
        const count = found(making, ({ counts }) => counts.get(known.name));
        const bytes: number[] = [];
        const cell: Cell[] = [];
        for (let i = 0; i < count; i++) {
          if (isPlain) {
            const one = inner.make(making);
            bytes.push(...one.bytes);
            cell.push(one.cell);
          } else if (element !== undefined) {
            const one = element.make({ counts: new Map(), kinds: new Map(), outer: making });
            bytes.push(...one.bytes);
            cell.push(one.row);
          }
        }
        return { bytes, cell };
      },
    };
  }

  /** `kind`: the field before the union that tells the variants apart; absent: each begins with such a field. */
  function union(
    offset: number,
    path: string,
    counters: readonly CounterItem[],
    depth: number,
    kind: string | undefined,
    last: boolean,
  ): Item {
    const name = fresh('body');
    const tags = ['A', 'B', 'C'].slice(0, 2 + int(2));
    const variants = tags.map((tag, i) => {
      const mark = kind ?? fresh('mark');
      const own: readonly Item[] =
        kind === undefined
          ? [
              {
                node: letters(mark, offset, 1),
                length: 1,
                make: () => ({ bytes: letterBytes(tag, 1), cell: tag }),
              },
            ]
          : [];
      const inside = items(
        join(join(path, name), tag),
        counters,
        depth + 1,
        last ? 'last' : 'variant',
        offset,
        own,
      );
      const when: Variant['when'] =
        i === tags.length - 1 && kind !== undefined
          ? []
          : [{ op: 'eq', field: mark, type: { kind: 'string', length: 1 }, value: tag }];
      return { tag, inside, when };
    });
    const length = Math.max(...variants.map(({ inside }) => inside.end - offset));
    return {
      node: {
        kind: 'union',
        name,
        typeName: fresh('U'),
        offset,
        length,
        variants: variants.map(({ tag, inside, when }) => ({
          tag,
          when,
          node: {
            kind: 'group',
            name: `v${tag}`,
            typeName: fresh('V'),
            offset,
            length: inside.end - offset,
            nodes: inside.nodes,
          },
        })),
      },
      length,
      make(making) {
        const index =
          kind === undefined
            ? int(variants.length)
            : Math.min(
                found(making, ({ kinds }) => kinds.get(kind)),
                variants.length - 1,
              );
        const variant = variants[index];
        if (variant === undefined) throw new Error('no variant');
        const { bytes, row } = variant.inside.make(making);
        const missing = offset + length - variant.inside.end;
        const padding = last ? 0 : missing;
        return {
          bytes: [...bytes, ...Array.from({ length: padding }, () => int(256))],
          cell: { [TAG]: variant.tag, ...row },
        };
      },
    };
  }

  function kindField(name: string, offset: number): Item {
    return {
      node: letters(name, offset, 1),
      length: 1,
      make({ kinds }) {
        const index = int(3);
        kinds.set(name, index);
        return { bytes: letterBytes('ABC'[index] ?? 'A', 1), cell: 'ABC'[index] ?? 'A' };
      },
    };
  }

  /** `where`: `last` things may end the record, what is in a `variant` that is not last has no tables. */
  function items(
    path: string,
    outerCounters: readonly CounterItem[],
    depth: number,
    where: 'last' | 'list' | 'variant',
    from = 0,
    first: readonly Item[] = [],
  ): Items {
    const made: Item[] = [...first];
    const counters = [...outerCounters];
    let end = from + first.reduce((sum, { length }) => sum + length, 0);
    const add = (item: Item) => {
      made.push(item);
      end += item.length;
    };
    add(scalar(end));
    for (let n = 1 + int(4); n > 0; n--) {
      if (wanted.tables && where !== 'variant' && depth < MOST_DEPTH && chance(0.5)) {
        const min = int(3);
        const name = fresh('count');
        const known = { name, path: join(path, name), min, max: min + 1 + int(4) };
        add(counter(known, end));
        counters.push(known);
        if (chance(0.5)) add(scalar(end));
        add(table(end, path, pick(counters), counters, depth));
      } else if (wanted.unions && depth < MOST_DEPTH && chance(0.4)) {
        const kind = chance(0.5) ? fresh('kind') : undefined;
        if (kind !== undefined) add(kindField(kind, end));
        const isLast = where === 'last' && n === 1;
        add(union(end, path, counters, depth, kind, isLast));
      } else if (
        wanted.tables &&
        depth < MOST_DEPTH &&
        where !== 'variant' &&
        counters.length > 0 &&
        chance(0.4)
      ) {
        add(table(end, path, pick(counters), counters, depth));
      } else add(scalar(end));
    }
    return {
      nodes: made.flatMap(({ node }) => node ?? []),
      end,
      make(making) {
        const bytes: number[] = [];
        const row: Record<string, Cell> = {};
        for (const { node, make } of made) {
          const one = make(making);
          bytes.push(...one.bytes);
          if (node !== undefined) row[node.name] = one.cell;
        }
        return { bytes, row };
      },
    };
  }

  const top = items('', [], 0, 'last');
  const layout = layoutFrom({ name: 'R', charset: 'cp037', length: top.end, minLength: 0, nodes: top.nodes });
  return {
    layout,
    make() {
      const { bytes, row } = top.make({ counts: new Map(), kinds: new Map() });
      return { bytes: Uint8Array.from(bytes), row };
    },
  };
}
