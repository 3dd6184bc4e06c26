// Knows: what a table is made of, as plain data, so that another thread can make the same one.
// Must not know: tables, threads.

import { defineCharset } from '#codec/charset';
import type { FindCopy } from '#codec/copybook/copying';
import type { CollectionOptions } from '../options/options.ts';
import type { Owner } from './place.ts';
import type { LayoutTexts } from './reading.ts';

/** Whose table it is, how it is configured, and every text that its layout was made of. */
export interface Recipe {
  readonly owner: Owner;
  readonly options: CollectionOptions;
  readonly texts: Omit<LayoutTexts, 'copy'>;
  /** What COPY brought in, by `nameOf`; what it did not find is not here. */
  readonly copies: ReadonlyMap<string, NonNullable<ReturnType<FindCopy>>>;
}

/** The recipe, which is whole once the table is made of `texts`. */
export function recipeOf(
  owner: Owner,
  options: CollectionOptions,
  { copy, ...texts }: LayoutTexts,
): { readonly recipe: Recipe; readonly texts: LayoutTexts } {
  const copies = new Map<string, NonNullable<ReturnType<FindCopy>>>();
  const recorded: FindCopy | undefined =
    copy === undefined
      ? undefined
      : (name, library) => {
          const found = copy(name, library);
          if (found !== undefined) copies.set(nameOf(name, library), found);
          return found;
        };
  return {
    recipe: { owner, options, texts, copies },
    texts: { ...texts, ...(recorded === undefined ? {} : { copy: recorded }) },
  };
}

/** The texts of a recipe; the file's charset is there from now on, if it has a table of its own. */
export function textsOf({ texts, copies }: Recipe): LayoutTexts {
  const { table } = texts;
  if (table !== undefined) defineCharset(texts.charset, table.text, table.file);
  return { ...texts, copy: (name, library) => copies.get(nameOf(name, library)) };
}

function nameOf(name: string, library: string | undefined): string {
  return JSON.stringify([name, library ?? null]);
}
