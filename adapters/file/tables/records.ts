// Knows: which of the records that a copybook describes is meant.
// Must not know: layouts, bytes.

import type { Copybook, Item } from '#codec/copybook/tree';
import { didYouMean } from '#spi';
import { misconfigured } from '../misconfigured.ts';

/** The 01 level that the configuration means. */
export function chosenRecord({ records }: Copybook, file: string, wanted: string | undefined): Item {
  const names = records.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const found =
    wanted === undefined
      ? records
      : records.filter((record) => record.name?.toUpperCase() === wanted.toUpperCase());
  const [record] = found;
  if (record !== undefined && found.length === 1) return record;
  if (wanted !== undefined) {
    throw misconfigured(
      'unknown-record',
      `${file} has no record "${wanted}".${didYouMean(wanted, names)}`,
      `It has ${names.join(', ')}.`,
    );
  }
  throw misconfigured(
    'several-records',
    `${file} describes ${records.length} records; say with "record" which one the file has, or with "types" how they are told apart`,
    `It has ${names.join(', ')}.`,
  );
}
