// Knows: what the caller of a request sees: the view of his rights, his rows, and what of a row he is shown.
// Must not know: how rights come about, how anything is read.

import { Fault, toFault } from '../fault.ts';
import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import type { ReadPlan } from '../plan/plan.ts';
import { restricted } from '../plan/rows.ts';
import type { Filter } from '../query/filter.ts';
import type { Context } from '../query/request.ts';
import type { Sealing } from '../query/sealing.ts';
import type { Rights } from '../rights/rights.ts';
import { type Showing, showingOf } from '../rights/shown-rows.ts';

export interface Seeing {
  /** Everything that there is. */
  readonly catalog: Catalog;
  /** Absent: everybody may do everything. */
  readonly rights?: Rights;
}

export interface Seen {
  /** What there is for the caller. */
  readonly catalog: Catalog;
  readonly sealing?: Sealing;
  /** Rows of a collection that are there for him; empty: all of them. Throws `forbidden` where that depends on a claim that he lacks. */
  rowsOf(collection: string): Filter;
  /** Undefined: he is shown everything. */
  showing(collection: string): Showing | undefined;
  /** The plan with his rows in it. */
  restricted(read: ReadPlan): ReadPlan;
}

/** Throws `unauthenticated` where rights are asked of nobody. */
export function seenBy({ catalog, rights }: Seeing, { caller }: Context): Seen {
  if (rights === undefined) return all(catalog);
  if (caller === undefined) {
    throw new Fault('unauthenticated', 'Who asks is not known', { code: 'no-credentials' });
  }
  const view = rights.viewOf(caller);
  const { sealing } = rights;
  const rowsOf = (collection: string): Filter => view.rowsOf(collection, caller);
  return {
    catalog: view.catalog,
    ...(sealing === undefined ? {} : { sealing }),
    rowsOf,
    showing: (name) => showingIn(catalog.collections.get(name), view.catalog.collections.get(name), sealing),
    restricted: (read) => perCaller(read, caller, () => restricted(read, rowsOf)),
  };
}

const everything = new WeakMap<Catalog, Seen>();

function all(catalog: Catalog): Seen {
  const known = everything.get(catalog);
  if (known !== undefined) return known;
  const seen: Seen = { catalog, rowsOf: () => [], showing: () => undefined, restricted: (read) => read };
  everything.set(catalog, seen);
  return seen;
}

const plans = new WeakMap<ReadPlan, WeakMap<object, ReadPlan>>();

/** A plan that is carried out again for the same caller is the same object: what a source has made of it need not be made again. */
function perCaller(read: ReadPlan, caller: object, make: () => ReadPlan): ReadPlan {
  const known = plans.get(read)?.get(caller);
  if (known !== undefined) return known;
  const made = make();
  const own = plans.get(read) ?? new WeakMap<object, ReadPlan>();
  own.set(caller, made);
  plans.set(read, own);
  return made;
}

/** By the collection as it is shown. */
const showings = new WeakMap<CatalogCollection, { readonly showing: Showing | undefined }>();

function showingIn(
  whole: CatalogCollection | undefined,
  shown: CatalogCollection | undefined,
  sealing: Sealing | undefined,
): Showing | undefined {
  if (whole === undefined || shown === undefined || whole === shown) return undefined;
  const known = showings.get(shown);
  if (known !== undefined) return known.showing;
  const hash = (text: string): string => {
    if (sealing === undefined) throw new Fault('internal', 'There is no key for hashes');
    return sealing.hash(text);
  };
  const showing = showingOf(whole, shown, hash);
  showings.set(shown, { showing });
  return showing;
}

/** The error, as somebody may be told it who does not see all of the collection. */
export function toldOf(showing: Showing | undefined, error: unknown): unknown {
  return showing !== undefined && error instanceof Fault ? showing.fault(error) : error;
}

/** The same for what is told in place of a relation. */
export function faultFor(showing: Showing | undefined, error: unknown): Fault {
  const fault = toFault(error);
  return showing === undefined ? fault : showing.fault(fault);
}
