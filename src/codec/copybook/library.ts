// Knows: how a name behind COPY becomes a file: folders, usual extensions, any case.
// Must not know: how files are listed and read; that is injected.

import type { FindCopy } from './copying.ts';

/** Where copybooks are kept. Paths are joined with `/`. */
export interface CopyFiles {
  /** Names of the files and folders in a folder; undefined for what is no folder. */
  list(folder: string): readonly string[] | undefined;
  read(path: string): string;
}

/** What a file's name may end with behind the name that COPY uses, the likeliest first. */
const EXTENSIONS = ['', '.cpy', '.cbl', '.cob', '.copy', '.inc', '.cpb', '.dcl', '.txt'];

/**
 * Finds the texts of COPY in these folders, the first that has one. Names are taken in any case, one spelled as it is written
 * before others, with the usual extensions. `COPY NAME OF LIB` looks in the folder LIB inside one of these, or in the one
 * that is called so. A literal may name a path below a folder (`COPY "acct/cust.cpy"`), never above.
 */
export function copyLibrary(folders: readonly string[], files: CopyFiles): FindCopy {
  const read = (file: string): { text: string; file: string } => ({ text: files.read(file), file });
  return (name, library) => {
    const [wanted = '', ...above] = name.split(/[\\/]/).reverse();
    const path = [...(library?.split(/[\\/]/) ?? []), ...above.toReversed()].filter(
      (part) => part !== '' && part !== '.',
    );
    if (wanted === '' || wanted === '..' || path.includes('..')) return undefined;
    for (const folder of folders) {
      for (const place of placesIn(folder, path, library !== undefined, files)) {
        const file = chosen(files.list(place) ?? [], wanted);
        if (file !== undefined) return read(joined(place, file));
      }
    }
    return undefined;
  };
}

/** The folders below `folder` that the path means; the folder itself where the path is its own last name. */
function placesIn(
  folder: string,
  path: readonly string[],
  isLibrary: boolean,
  files: CopyFiles,
): readonly string[] {
  let places: readonly string[] = [folder];
  for (const part of path) {
    places = places.flatMap((place) =>
      named(files.list(place) ?? [], part).map((name) => joined(place, name)),
    );
  }
  const own = folder.split(/[\\/]/).findLast((part) => part !== '');
  const [library] = path;
  const isOwn = isLibrary && path.length === 1 && own?.toUpperCase() === library?.toUpperCase();
  return isOwn ? [...places, folder] : places;
}

function chosen(names: readonly string[], wanted: string): string | undefined {
  for (const extension of EXTENSIONS) {
    const [name] = named(names, wanted + extension);
    if (name !== undefined) return name;
  }
  return undefined;
}

/** The names that are this one in any case, the one that is spelled so first, then in the order of their characters. */
function named(names: readonly string[], wanted: string): readonly string[] {
  const upper = wanted.toUpperCase();
  const found = names.filter((name) => name.toUpperCase() === upper).toSorted();
  return found.includes(wanted) ? [wanted, ...found.filter((name) => name !== wanted)] : found;
}

function joined(folder: string, name: string): string {
  return folder === '' || folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}
