// Knows: how rules about rows become part of a plan: at every level, of what is read and of what is counted.
// Must not know: roles, sources. It never awaits.

import type { Filter } from '../query/filter.ts';
import type { ReadPlan } from './plan.ts';

/** The same plan for a caller who sees only these rows of each collection; the very same where all of them are seen. */
export function restricted(read: ReadPlan, rowsOf: (collection: string) => Filter): ReadPlan {
  const rows = rowsOf(read.query.collection);
  const includes = read.includes.map((include) => {
    const inner = restricted(include.read, rowsOf);
    return inner === include.read ? include : { ...include, read: inner };
  });
  if (rows.length === 0 && includes.every((include, i) => include === read.includes[i])) return read;
  const { query, counted } = read;
  return {
    ...read,
    includes,
    // Last, so that what the client asked for stands where it stood.
    query: { ...query, where: [...query.where, ...rows] },
    ...(counted === undefined ? {} : { counted: { ...counted, where: [...counted.where, ...rows] } }),
  };
}
