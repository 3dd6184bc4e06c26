// Knows: which changes of a request go to the database together.
// Must not know: statements, any product.

import type { Prepared } from './prepared.ts';

/** In their order; every other change stands alone. */
export function insertionsOf(
  prepared: readonly Prepared[],
  rowsTogether: boolean,
): readonly (readonly Prepared[])[] {
  const groups: Prepared[][] = [];
  for (const next of prepared) {
    const group = groups.at(-1);
    const [first] = group ?? [];
    const together =
      rowsTogether &&
      group !== undefined &&
      first !== undefined &&
      group.length < mostRows(first) &&
      isAlike(first, next);
    if (together) group.push(next);
    else groups.push([next]);
  }
  return groups;
}

/** Rows of one INSERT. Where nothing comes back of them, their keys must be known. */
function mostRows({ table: { open, dialect, writing }, written }: Prepared): number {
  const known = open.table.key.every((part) => written.some(({ column }) => column === part));
  if (written.length === 0 || (writing.returning === undefined && !known)) return 1;
  return Math.min(writing.rowsPerInsert, Math.floor(dialect.maxParameters / written.length));
}

/** Inserts into the same columns of one table, in the same order. */
function isAlike(first: Prepared, next: Prepared): boolean {
  return (
    first.change.verb === 'insert' &&
    next.change.verb === 'insert' &&
    first.table === next.table &&
    first.written.length === next.written.length &&
    first.written.every(({ column }, i) => next.written[i]?.column === column)
  );
}
