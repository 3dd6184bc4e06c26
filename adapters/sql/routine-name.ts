// Knows: how a configuration names a routine, and which one of the saved model it means.
// Must not know: what is made of it, any product.

import { didYouMean } from '#spi';
import type { DatabaseModel, SavedRoutine } from './model.ts';
import type { OperationOptions } from './operation-options.ts';

export function qualifiedRoutine(routine: Pick<SavedRoutine, 'schema' | 'package' | 'name'>): string {
  return [routine.schema, routine.package, routine.name].filter((part) => part !== undefined).join('.');
}

/** `bank.rate(integer, text)`: the name with the types of what is given to it, which tell overloads apart. */
export function routineSignature(routine: SavedRoutine): string {
  const types = routine.parameters.filter(({ mode }) => mode !== 'out').map(({ type }) => type);
  return `${qualifiedRoutine(routine)}(${types.join(', ')})`;
}

/** `refuse` throws where none or several are meant. */
export function routineMeant(
  { procedure, kind }: Pick<OperationOptions, 'procedure' | 'kind'>,
  model: DatabaseModel,
  refuse: (message: string) => never,
): SavedRoutine {
  const candidates = (model.routines ?? []).filter(
    (routine) => kind === undefined || (kind === 'procedure') === (routine.kind === 'procedure'),
  );
  const found = meantBy(procedure, candidates);
  const [only, second] = found;
  if (only === undefined) {
    const omitted = model.omitted.find(({ name }) => name === procedure || withoutTypes(name) === procedure);
    if (omitted !== undefined) return refuse(`"${procedure}" cannot be called: ${omitted.reason}`);
    const known = candidates.map(procedure.includes('(') ? routineSignature : qualifiedRoutine);
    return refuse(`there is no procedure or function "${procedure}".${didYouMean(procedure, known)}`);
  }
  if (second === undefined) return only;
  const kinds = new Set(found.map((routine) => routine.kind === 'procedure'));
  const choice =
    kinds.size > 1
      ? 'a procedure and a function; say which by `kind`'
      : `told apart by their types: ${found.map(routineSignature).join(' or ')}`;
  return refuse(`"${procedure}" names several: ${choice}`);
}

/** By exact name, with or without its schema; else by name in another case. */
function meantBy(asked: string, routines: readonly SavedRoutine[]): readonly SavedRoutine[] {
  const names = (routine: SavedRoutine): readonly string[] => {
    const { package: inside, name } = routine;
    const own = [qualifiedRoutine(routine), inside === undefined ? name : `${inside}.${name}`];
    return [...own, ...own.map((each) => each + routineSignature(routine).slice(own[0]?.length))];
  };
  const exact = routines.filter((routine) => names(routine).includes(asked));
  if (exact.length > 0) return exact;
  const plain = normalized(asked);
  return routines.filter((routine) => names(routine).some((name) => normalized(name) === plain));
}

function normalized(name: string): string {
  return name
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/\s*([(),])\s*/g, '$1');
}

function withoutTypes(name: string): string {
  return name.replace(/\(.*$/s, '');
}
