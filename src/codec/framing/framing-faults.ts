// Knows: how damage of a file's framing is told.
// Must not know: record formats.

import { Fault } from '../../fault.ts';

/** A record is held in memory whole: a file without line ends, or a damaged length, must not fill it. */
export const LONGEST_RECORD = 16_777_216;

/** Where in the file: `record` counts from 0. */
export interface DamagePlace {
  readonly record: number;
  readonly offset: number;
}

export interface DamageDetails {
  readonly hex?: string;
  readonly hint?: string;
}

export function damaged(
  code: string,
  message: string,
  { record, offset }: DamagePlace,
  details: DamageDetails = {},
): Fault {
  return new Fault('corrupt', message, { code, record: record + 1, byteOffset: offset, ...details });
}

/** The file ends within a record. `offset` is that of the first byte that the record takes, descriptor words included. */
export function cutOff(
  place: DamagePlace,
  there: number,
  needed: number,
  details: DamageDetails = {},
): Fault {
  const { record, offset } = place;
  return damaged(
    'cut-off-record',
    `The file ends within record ${record + 1}: it begins at offset ${offset} and needs ${needed} bytes, and ${there} are there`,
    place,
    { hint: 'The file was probably cut in its transfer; check the record format too.', ...details },
  );
}

/** The length is more than one record may have here. */
export function tooLong(place: DamagePlace, length: number, details: DamageDetails = {}): Fault {
  return damaged(
    'record-too-long',
    `Record ${place.record + 1} at offset ${place.offset} would have ${length} bytes; more than ${LONGEST_RECORD} are not read`,
    place,
    { hint: 'Check the record format: these bytes are probably no length.', ...details },
  );
}

/** At most 32 bytes as hexadecimal, upper case. */
export function hexOf(bytes: Uint8Array, start: number, end: number): string {
  return bytes
    .subarray(start, Math.min(end, start + 32))
    .toHex()
    .toUpperCase();
}
