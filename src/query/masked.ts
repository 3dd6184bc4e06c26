// Knows: what may be asked by in a caller's view: what is seen only masked may not, or asking would tell what the mask hides.
// Must not know: which mask a role has, how values are masked.

import { Fault } from '../fault.ts';
import { type Field, fieldAt, type Mask, type Scalar, scalarPaths, typesBelow } from '../model/type.ts';

/** Whether the field at the dotted path, or a group around it, is seen only masked. */
export function isMasked(fields: readonly Field[], path: string): boolean {
  let level = fields;
  for (const step of path.split('.')) {
    const field = level.find(({ name }) => name === step);
    if (field?.mask !== undefined) return true;
    level = field?.type.kind === 'object' ? field.type.fields : [];
  }
  return false;
}

/** Every scalar field outside lists that can be compared as it is: `scalarPaths` but for what is masked. */
export function askablePaths(fields: readonly Field[]): readonly (readonly [string, Scalar])[] {
  const paths = scalarPaths(fields);
  return isAnyMasked(fields) ? paths.filter(([path]) => !isMasked(fields, path)) : paths;
}

/** Whether anything in the fields, at whatever depth, is seen only masked. */
function isAnyMasked(fields: readonly Field[]): boolean {
  const hasMask = (own: readonly Field[]): boolean => own.some(({ mask }) => mask !== undefined);
  return (
    hasMask(fields) ||
    typesBelow(fields)
      .values()
      .some((type) => 'fields' in type && hasMask(type.fields))
  );
}

/**
 * What of a selected path is seen as the source has it: the path itself, paths inside a group of which something else is masked, or nothing.
 */
export function seenPaths(fields: readonly Field[], path: string): readonly string[] {
  const field = fieldAt(fields, path);
  if (field === undefined) return [path];
  if (isMasked(fields, path)) return [];
  if (!isAnyMasked([field])) return [path];
  const { type } = field;
  return type.kind === 'object'
    ? type.fields.flatMap(({ name }) => seenPaths(fields, `${path}.${name}`))
    : [];
}

/** `invalid`: what is asked by is masked. `place`: what stands beside the message. */
export function maskedField(
  path: string,
  place: { readonly parameter: string; readonly collection?: string; readonly position?: number },
): Fault {
  const at = place.position === undefined ? '' : ` (at character ${place.position} of the filter)`;
  return new Fault('invalid', `"${path}" is masked: nothing can be filtered or ordered by it${at}`, {
    code: 'masked-field',
    ...place,
  });
}

const MASK_TEXTS: Readonly<Record<Mask, string>> = {
  null: 'Masked: always null.',
  lastFour: 'Masked: the last four characters, * for each other.',
  year: 'Masked: the year.',
  hash: 'Masked: a keyed hash, equal for equal values.',
};

/** What is seen of a masked field, in words; undefined: everything. */
export function maskText({ mask }: Field): string | undefined {
  return mask === undefined ? undefined : MASK_TEXTS[mask];
}
