// Knows: what one role, or several together, have of one collection, and how several shares become one:
//
// - Shares with the same rows (the same rule, or none) are united: what any of them shows is seen, the weakest mask decides, what any of them
//   may write may be written.
// - A share of all rows that has everything another has makes the other irrelevant.
// - Otherwise a row may be there by one share only, and nobody knows which: the rows of all of them are seen, but only the fields that all of
//   them show; of two masks the stricter one, of two that show different things (the last four characters, a hash) nothing; only the verbs and
//   the fields to write that all of them have.
//
// So no row ever shows a field, and no row is ever changed in a way, that none of the roles which grant this row would allow by itself.
// Must not know: the configuration, catalogs, callers.

import { type Field, type Mask, WRITE_VERBS, type WriteVerb } from '../model/type.ts';
import type { Rule } from '../query/rule.ts';
import { intersect, normal, shows, unite, type Visible, visibleAt } from './visible.ts';

export interface Share {
  /** A row is there if one of them is true; none: all rows. */
  readonly rows: readonly Rule[];
  readonly visible: Visible;
  /** By dotted path of a visible field. */
  readonly masks: ReadonlyMap<string, Mask>;
  /** What may be written by each verb: names of fields, not dotted, for a change gives whole fields. */
  readonly verbs: ReadonlyMap<WriteVerb, ReadonlySet<string>>;
  readonly watch: boolean;
  /** Paths that are not seen because they show bytes of what is hidden or masked, with that. */
  readonly cut: ReadonlyMap<string, string>;
}

/** From what is shown openly to what is not shown at all. */
const STRENGTH: readonly (Mask | undefined | 'hidden')[] = [
  undefined,
  'lastFour',
  'year',
  'hash',
  'null',
  'hidden',
];

/** Several shares as one, whatever their order. `fields`: those of the collection. Undefined: there is nothing. */
export function together(shares: readonly Share[], fields: readonly Field[]): Share | undefined {
  const byRows = new Map<string, Share>();
  for (const share of shares) {
    const key = rowsKey(share);
    const known = byRows.get(key);
    byRows.set(key, known === undefined ? share : united(known, share, fields));
  }
  const all = byRows.get('');
  const others = [...byRows]
    .filter(([key, share]) => key !== '' && (all === undefined || !covers(all, share)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, share]) => share);
  const [first, ...rest] = all === undefined ? others : [all, ...others];
  return rest.reduce((sum, share) => sum && common(sum, share, fields), first);
}

/** Equal for equal rules; empty: all rows. */
function rowsKey({ rows }: Share): string {
  return rows
    .map(({ identity }) => identity)
    .sort()
    .join('\n');
}

function maskIn({ visible, masks }: Share, path: string): Mask | undefined | 'hidden' {
  return visibleAt(visible, path) === undefined ? 'hidden' : masks.get(path);
}

function masksOf(a: Share, b: Share, choose: typeof weaker): ReadonlyMap<string, Mask> {
  const paths = new Set([...a.masks.keys(), ...b.masks.keys()]);
  return new Map(
    [...paths].flatMap((path): readonly (readonly [string, Mask])[] => {
      const mask = choose(maskIn(a, path), maskIn(b, path));
      return mask === undefined || mask === 'hidden' ? [] : [[path, mask]];
    }),
  );
}

type Shown = Mask | undefined | 'hidden';

function weaker(a: Shown, b: Shown): Shown {
  return STRENGTH.indexOf(a) <= STRENGTH.indexOf(b) ? a : b;
}

function stricter(a: Shown, b: Shown): Shown {
  if (isAsStrict(a, b)) return a;
  return isAsStrict(b, a) ? b : 'null';
}

/** Whether who may see `b` may see all that `a` shows. */
function isAsStrict(a: Shown, b: Shown): boolean {
  return a === b || b === undefined || a === 'hidden' || (a === 'null' && b !== 'hidden');
}

function united(a: Share, b: Share, fields: readonly Field[]): Share {
  return {
    rows: a.rows,
    visible: normal(unite(a.visible, b.visible), fields),
    masks: masksOf(a, b, weaker),
    verbs: new Map(
      WRITE_VERBS.flatMap((verb): readonly (readonly [WriteVerb, ReadonlySet<string>])[] => {
        const own = a.verbs.get(verb);
        const other = b.verbs.get(verb);
        if (own === undefined && other === undefined) return [];
        return [[verb, new Set([...(own ?? []), ...(other ?? [])])]];
      }),
    ),
    watch: a.watch || b.watch,
    cut: new Map([...a.cut, ...b.cut]),
  };
}

function common(a: Share, b: Share, fields: readonly Field[]): Share | undefined {
  const visible = normal(intersect(a.visible, b.visible), fields);
  if (visible !== 'all' && visible.size === 0) return undefined;
  return {
    rows: a.rows.length === 0 || b.rows.length === 0 ? [] : [...a.rows, ...b.rows],
    visible,
    masks: masksOf(a, b, stricter),
    verbs: new Map(
      [...a.verbs].flatMap(([verb, own]): readonly (readonly [WriteVerb, ReadonlySet<string>])[] => {
        const other = b.verbs.get(verb);
        return other === undefined ? [] : [[verb, own.intersection(other)]];
      }),
    ),
    watch: a.watch && b.watch,
    cut: new Map([...a.cut, ...b.cut]),
  };
}

/** Whether `a`, whose rows are all rows, has everything that `b` has. */
function covers(a: Share, b: Share): boolean {
  return (
    shows(a.visible, b.visible) &&
    [...a.masks].every(([path, mask]) => isAsStrict(maskIn(b, path), mask)) &&
    [...b.verbs].every(([verb, fields]) => a.verbs.get(verb)?.isSupersetOf(fields) === true) &&
    (a.watch || !b.watch)
  );
}
