// Knows: the clauses behind an INSERT that several products have in the same words.
// Must not know: any product; which of them has which.

import { ColumnNode, InsertQueryNode, OnConflictNode, ReturningNode } from 'kysely';
import type { Writing } from './dialect.ts';

/** `RETURNING …`: the columns of the new rows. */
export const returning: NonNullable<Writing['returning']> = (insert, _columns, selections) =>
  InsertQueryNode.cloneWith(insert, { returning: ReturningNode.create(selections) });

/** `ON CONFLICT (…) DO NOTHING`: no fault where such a row is there. */
export const unlessThere: NonNullable<Writing['unlessThere']> = (insert, unique) =>
  InsertQueryNode.cloneWith(insert, {
    onConflict: OnConflictNode.cloneWith(OnConflictNode.create(), {
      columns: unique.map(({ name }) => ColumnNode.create(name)),
      doNothing: true,
    }),
  });
