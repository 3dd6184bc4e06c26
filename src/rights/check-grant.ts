// Knows: what a role's grant of one collection comes to, and everything that can be wrong with it.
// Must not know: other roles, YAML, what becomes of it.

import { toFault } from '../fault.ts';
import type { CatalogCollection, CatalogProblem } from '../model/catalog.ts';
import { didYouMean } from '../model/naming.ts';
import {
  type Field,
  isScalar,
  type Mask,
  type ScalarKind,
  selectableAt,
  type Type,
  typeText,
  type WriteVerb,
} from '../model/type.ts';
import { writtenFields } from '../query/change.ts';
import type { FilterLimits } from '../query/filter-budget.ts';
import { parseRule, type Rule } from '../query/rule.ts';
import { otherReadings } from './other-readings.ts';
import type { Grant } from './roles.ts';
import type { Share } from './share.ts';
import { normal, only, pathsIn, type Visible, visibleAt, without } from './visible.ts';

export interface CheckedGrant {
  /** Absent: the grant gives nothing, or something is wrong with it. */
  readonly share?: Share;
  readonly problems: readonly CatalogProblem[];
}

/** `path`: where the grant stands. */
export function checkGrant(
  grant: Grant,
  collection: CatalogCollection,
  limits: FilterLimits,
  path: readonly string[],
): CheckedGrant {
  const problems: CatalogProblem[] = [];
  const complain = (steps: readonly string[], message: string): void => {
    problems.push({ path: [...path, ...steps], message });
  };
  const { fields } = collection;

  if (!grant.read && (grant.write.length > 0 || grant.watch === true)) {
    complain(['read'], 'What may not be read can neither be written nor watched: what was written is told');
  }
  const { visible, problems: unseen } = visibleOf(grant, collection);
  for (const { path: steps, message } of unseen) complain(steps, message);

  const masks = new Map<string, Mask>(Object.entries(grant.mask));
  for (const [field, mask] of masks) {
    const message =
      unknownText(collection, field) ??
      (visibleAt(visible, field) === undefined
        ? `"${field}" is not among the fields of the role, so there is nothing to mask`
        : unmaskableText(selectableAt(fields, field)?.type, field, mask));
    if (message !== undefined) complain(['mask', field], message);
  }
  for (const [i, field] of (grant.readOnly ?? []).entries()) {
    const message = unknownText(collection, field);
    if (message !== undefined) complain(['readOnly', String(i)], message);
  }
  const rule = ruleOf(grant, fields, limits);
  if (typeof rule === 'string') complain(['rows'], rule);

  if (!grant.read || problems.length > 0 || typeof rule === 'string') return { problems };
  const named = new Set(grant.fields === undefined || 'except' in grant.fields ? [] : grant.fields);
  const cut = otherReadings(fields, { visible, masks, named });
  const shown = normal(without(visible, fields, [...cut.keys()]), fields);
  if (shown !== 'all' && shown.size === 0) return { problems };
  const writable = writableOf(collection, shown, masks, grant.readOnly ?? []);
  return {
    share: {
      rows: rule === undefined ? [] : [rule],
      visible: shown,
      masks: new Map([...masks].filter(([field]) => visibleAt(shown, field) !== undefined)),
      verbs: new Map(grant.write.map((verb): readonly [WriteVerb, ReadonlySet<string>] => [verb, writable])),
      watch: grant.watch ?? true,
      cut,
    },
    problems,
  };
}

/** What is said of every collection: nothing that needs to know one. */
export function checkEvery(grant: Grant, path: readonly string[]): readonly CatalogProblem[] {
  const named = (['fields', 'readOnly', 'rows'] as const).filter((member) => grant[member] !== undefined);
  const members = Object.keys(grant.mask).length > 0 ? [...named, 'mask' as const] : named;
  return members.map((member) => ({
    path: [...path, member],
    message: 'Expected the name of a collection in place of *: this is about fields, which differ',
  }));
}

function visibleOf(
  { fields: granted }: Grant,
  collection: CatalogCollection,
): { readonly visible: Visible; readonly problems: readonly CatalogProblem[] } {
  if (granted === undefined) return { visible: 'all', problems: [] };
  const { fields } = collection;
  const excepting = 'except' in granted;
  const paths = excepting ? granted.except : granted;
  const problems = paths.flatMap((field, i): readonly CatalogProblem[] => {
    const message = unknownText(collection, field);
    return message === undefined
      ? []
      : [{ path: ['fields', ...(excepting ? ['except'] : []), String(i)], message }];
  });
  const known = paths.filter((field) => selectableAt(fields, field) !== undefined);
  return { visible: excepting ? without('all', fields, known) : only(fields, known), problems };
}

/** Fields that a change may give: those that the source takes and that the role sees whole and openly. */
function writableOf(
  collection: CatalogCollection,
  visible: Visible,
  masks: ReadonlyMap<string, Mask>,
  readOnly: readonly string[],
): ReadonlySet<string> {
  const barred = new Set([...masks.keys(), ...readOnly].map((path) => path.split('.')[0]));
  return new Set(
    writtenFields(collection, 'insert').flatMap(({ name }) =>
      !barred.has(name) && visibleAt(visible, name) === 'all' ? [name] : [],
    ),
  );
}

function unknownText({ name, fields }: CatalogCollection, path: string): string | undefined {
  if (selectableAt(fields, path) !== undefined) return undefined;
  return `"${name}" has no field "${path}".${didYouMean(path, pathsIn(fields))}`;
}

const MASKS_OF: Readonly<Record<ScalarKind, readonly Mask[]>> = {
  boolean: ['hash', 'null'],
  int32: ['lastFour', 'hash', 'null'],
  int64: ['lastFour', 'hash', 'null'],
  float64: ['hash', 'null'],
  decimal: ['lastFour', 'hash', 'null'],
  string: ['lastFour', 'hash', 'null'],
  enum: ['lastFour', 'hash', 'null'],
  bytes: ['hash', 'null'],
  date: ['year', 'hash', 'null'],
  timestamp: ['year', 'hash', 'null'],
  instant: ['year', 'hash', 'null'],
  time: ['hash', 'null'],
  json: ['null'],
};

function unmaskableText(type: Type | undefined, path: string, mask: Mask): string | undefined {
  if (type === undefined) return undefined;
  if (!isScalar(type)) {
    return `"${path}" is ${typeText(type)}, of which nothing can be masked: leave it out, or mask what is in it`;
  }
  const takes = MASKS_OF[type.kind];
  if (takes.includes(mask)) return undefined;
  return `"${path}" is ${typeText(type)} and takes the masks ${takes.join(', ')}`;
}

function ruleOf({ rows }: Grant, fields: readonly Field[], limits: FilterLimits): Rule | string | undefined {
  if (rows === undefined) return undefined;
  try {
    return parseRule(rows, fields, limits);
  } catch (error) {
    const { message, place } = toFault(error);
    const { hint } = place;
    return hint === undefined || message.includes(hint) ? message : `${message} (${hint})`;
  }
}
