// Knows: how roles become views of a catalog, one for each set of roles, and every mistake in them.
// Must not know: how callers are recognised, facades, sources, YAML.

import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection, CatalogProblem, Relation } from '../model/catalog.ts';
import { didYouMean, nameGiver } from '../model/naming.ts';
import { recent } from '../model/recent.ts';
import { fieldAt, typesBelow, WRITE_VERBS } from '../model/type.ts';
import { DEFAULT_POLICY } from '../policy.ts';
import type { Caller } from '../query/caller.ts';
import type { Filter } from '../query/filter.ts';
import type { FilterLimits } from '../query/filter-budget.ts';
import { isMasked } from '../query/masked.ts';
import type { Sealing } from '../query/sealing.ts';
import { checkEvery, checkGrant } from './check-grant.ts';
import type { Rights, View } from './rights.ts';
import { EVERY, grantOf, type Role, type Roles } from './roles.ts';
import { type Share, together } from './share.ts';
import { shownCollection } from './shown-collection.ts';
import { visibleAt } from './visible.ts';

export interface RightsOptions {
  /** Collections of sources that could not say what they look like: what is said of them is believed until they can. */
  readonly absent?: ReadonlySet<string>;
  /** False: there are such sources, and what else they have nobody knows. */
  readonly complete?: boolean;
  readonly limits?: FilterLimits;
  /** Needed where anything is masked, or a part of a key is hidden. */
  readonly sealing?: Sealing;
}

/** A view as whoever explains it needs it. */
export interface DetailedView extends View {
  /** What the roles have of each collection of the view. */
  readonly shares: ReadonlyMap<string, Share>;
  /** By collection: what comes to nothing, and why. */
  readonly notes: ReadonlyMap<string, readonly string[]>;
}

export interface CreatedRights extends Rights {
  viewOf(caller: Caller): DetailedView;
  /** Of roles that exist; others are passed over. */
  viewOfRoles(roles: readonly string[]): DetailedView;
}

/** Views that are kept: there are seldom more sets of roles that callers really have. */
const KEPT_VIEWS = 200;

/** A role with a mistake in a grant does not have that grant. */
export function createRights(
  catalog: Catalog,
  roles: Roles,
  { absent = new Set(), complete = true, limits = DEFAULT_POLICY.query, sealing }: RightsOptions = {},
): { readonly rights: CreatedRights; readonly problems: readonly CatalogProblem[] } {
  const problems: CatalogProblem[] = [];
  const held = new Map(
    Object.entries(roles).map(([name, role]) => {
      const path = ['roles', name];
      return [name, holdings(role, catalog, { absent, complete, limits, path, problems })] as const;
    }),
  );
  for (const [name, own] of held) {
    for (const [collection, message] of viewOver(catalog, name, [own]).unreadable) {
      problems.push({ path: ['roles', name, 'collections', collection], message });
    }
  }

  const kept = recent<DetailedView>(KEPT_VIEWS);
  const viewOfRoles = (names: readonly string[]): DetailedView => {
    const known = [...new Set(names)].filter((name) => held.has(name)).sort();
    const title = known.join('+');
    return kept(
      title,
      () =>
        viewOver(
          catalog,
          title,
          known.flatMap((name) => held.get(name) ?? []),
        ).view,
    );
  };
  /** Who asks again is mostly the same object. */
  const views = new WeakMap<Caller, DetailedView>();
  return {
    rights: {
      ...(sealing === undefined ? {} : { sealing }),
      viewOfRoles,
      viewOf(caller) {
        const known = views.get(caller) ?? viewOfRoles(caller.roles);
        views.set(caller, known);
        return known;
      },
    },
    problems,
  };
}

/** Rights of those who may do everything: where somebody develops on a machine of his own. */
export function everyRight(catalog: Catalog): Rights {
  const view: View = { name: EVERY, catalog, rowsOf: () => [] };
  return { viewOf: () => view };
}

/** What one role has. */
interface Holdings {
  readonly shares: ReadonlyMap<string, Share>;
  readonly operations: ReadonlySet<string>;
}

interface Checking {
  readonly absent: ReadonlySet<string>;
  readonly complete: boolean;
  readonly limits: FilterLimits;
  readonly path: readonly string[];
  readonly problems: CatalogProblem[];
}

function holdings(role: Role, catalog: Catalog, checking: Checking): Holdings {
  const { absent, complete, limits, path, problems } = checking;
  const named = new Map(Object.entries(role.collections));
  for (const name of named.keys()) {
    if (name === EVERY || catalog.collections.has(name) || absent.has(name) || !complete) continue;
    problems.push({
      path: [...path, 'collections', name],
      message: `There is no collection "${name}".${didYouMean(name, catalog.collections.keys())}`,
    });
  }
  const every = named.get(EVERY);
  const everyPath = [...path, 'collections', EVERY];
  const faulty = every === undefined ? [] : checkEvery(grantOf(every), everyPath);
  problems.push(...faulty);

  const shares = new Map<string, Share>();
  for (const [name, collection] of catalog.collections) {
    const grant = named.get(name) ?? (faulty.length === 0 ? every : undefined);
    if (grant === undefined) continue;
    const place = named.has(name) ? [...path, 'collections', name] : everyPath;
    const checked = checkGrant(grantOf(grant), collection, limits, place);
    const isNew = ({ message, path: at }: CatalogProblem): boolean =>
      !problems.some((other) => other.message === message && other.path.join('\n') === at.join('\n'));
    problems.push(...checked.problems.filter(isNew));
    if (checked.share !== undefined) shares.set(name, checked.share);
  }

  const operations = new Set<string>();
  for (const [i, name] of role.operations.entries()) {
    if (name === EVERY) for (const known of catalog.operations.keys()) operations.add(known);
    else if (catalog.operations.has(name)) operations.add(name);
    else if (complete) {
      const hint = didYouMean(name, catalog.operations.keys());
      problems.push({
        path: [...path, 'operations', String(i)],
        message: `There is no operation "${name}".${hint}`,
      });
    }
  }
  return { shares, operations };
}

interface Viewing {
  readonly view: DetailedView;
  /** Collections that the roles grant and that cannot be asked, and why. */
  readonly unreadable: ReadonlyMap<string, string>;
}

function viewOver(catalog: Catalog, name: string, held: readonly Holdings[]): Viewing {
  const free = nameGiver(typeNames(catalog));
  const collections = new Map<string, CatalogCollection>();
  const shares = new Map<string, Share>();
  const notes = new Map<string, readonly string[]>();
  const unreadable = new Map<string, string>();
  for (const [collectionName, whole] of catalog.collections) {
    const own = held.flatMap(({ shares: all }) => all.get(collectionName) ?? []);
    const share = together(own, whole.fields);
    if (share === undefined) continue;
    const shown = shownCollection(whole, share, free);
    if ('unreadable' in shown) {
      unreadable.set(collectionName, shown.unreadable);
      continue;
    }
    collections.set(collectionName, shown.collection);
    shares.set(collectionName, share);
    const said = [...cutFields(share), ...lostVerbs(own, share), ...shown.notes];
    if (said.length > 0) notes.set(collectionName, said);
  }
  const operations = new Map(
    [...catalog.operations].filter(([operation]) => held.some((own) => own.operations.has(operation))),
  );
  return {
    view: {
      name,
      catalog: { collections: related(collections), operations },
      shares,
      notes,
      rowsOf: rowsOver(shares),
    },
    unreadable,
  };
}

function cutFields({ cut, visible }: Share): readonly string[] {
  return [...cut].flatMap(([path, because]) =>
    visibleAt(visible, path) === undefined
      ? [`no "${path}": it shows bytes of "${because}"; to show it all the same, name it under fields`]
      : [],
  );
}

function lostVerbs(own: readonly Share[], share: Share): readonly string[] {
  const lost = WRITE_VERBS.filter(
    (verb) => own.some(({ verbs }) => verbs.has(verb)) && !share.verbs.has(verb),
  );
  return lost.map((verb) => `no ${verb}: not all of the roles have it, and their rows differ`);
}

/** A relation is there where both sides are, and where every field that it joins is seen openly on both. */
function related(collections: ReadonlyMap<string, CatalogCollection>): Catalog['collections'] {
  const isOpen = (of: CatalogCollection, path: string): boolean =>
    fieldAt(of.fields, path) !== undefined && !isMasked(of.fields, path);
  return new Map(
    [...collections].map(([name, collection]) => {
      const relations = [...collection.relations].filter(([, { to, pairs }]: [string, Relation]) => {
        const target = collections.get(to);
        return (
          target !== undefined &&
          pairs.every(({ local, remote }) => isOpen(collection, local) && isOpen(target, remote))
        );
      });
      return [name, { ...collection, relations: new Map(relations) }];
    }),
  );
}

/** Bound once for each caller; the rules of different callers never meet. */
function rowsOver(shares: ReadonlyMap<string, Share>): View['rowsOf'] {
  const bound = new WeakMap<Caller, Map<string, Filter>>();
  return (collection, caller) => {
    const rules = shares.get(collection)?.rows;
    // Without a rule all rows are seen: never of what is not seen at all.
    if (rules === undefined) throw new Fault('internal', 'Rows are asked of what the view does not have');
    if (rules.length === 0) return [];
    const own = bound.get(caller) ?? new Map<string, Filter>();
    bound.set(caller, own);
    const known = own.get(collection);
    if (known !== undefined) return known;
    const [rule, ...others] = rules.map((each) => each.bind(caller.claims));
    const filter: Filter =
      rule === undefined || others.length === 0 ? (rule ?? []) : [{ op: 'any', of: [rule, ...others] }];
    own.set(collection, filter);
    return filter;
  };
}

const names = new WeakMap<Catalog, ReadonlySet<string>>();

/** Every name of a type that a catalog has. */
function typeNames(catalog: Catalog): ReadonlySet<string> {
  const known = names.get(catalog);
  if (known !== undefined) return known;
  const collections = [...catalog.collections.values()];
  const operations = [...catalog.operations.values()];
  const types = typesBelow([
    ...collections.flatMap(({ fields }) => fields),
    ...operations.flatMap(({ input, output, name }) => [...input, { name, type: output }]),
  ]);
  const found = new Set([
    ...collections.map(({ typeName }) => typeName),
    ...[...types].flatMap((type) => ('name' in type ? [type.name] : [])),
  ]);
  names.set(catalog, found);
  return found;
}
