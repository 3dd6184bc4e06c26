// Knows: how a fault of the data is told on the command line, and how it stands in a file of rejected records.
// Must not know: files.

import type { Fault } from '../../fault.ts';

/** `CUSTMAST: record 3, field balance, offset 212: … (bytes 12 34 AC)`, and the hint on a line of its own. */
export function told(fault: Fault, file?: string, unit: 'record' | 'line' = 'record'): string {
  const { record, field, byteOffset, hex, hint } = fault.place;
  const place = [
    record === undefined ? '' : `${unit} ${record}`,
    // A message about no record has its field in it.
    field === undefined || (record === undefined && fault.message.includes(field)) ? '' : `field ${field}`,
    byteOffset === undefined ? '' : `offset ${byteOffset}`,
  ].filter((word) => word !== '');
  const where = [file ?? '', place.join(', ')].filter((word) => word !== '').join(': ');
  const bytes = hex === undefined ? '' : ` (bytes ${spaced(hex)})`;
  const lines = [`${where === '' ? '' : `${where}: `}${fault.message}${bytes}`];
  if (hint !== undefined && !fault.message.includes(hint)) lines.push(hint);
  return lines.join('\n');
}

/** `1234AC` → `12 34 AC`, long ones shortened. */
export function spaced(hex: string, most = 16): string {
  const bytes = hex.match(/../g) ?? [];
  return bytes.length <= most ? bytes.join(' ') : `${bytes.slice(0, most - 1).join(' ')} …`;
}

/** One line of JSON for a record that was left out: its number from 1, what is wrong, and all its bytes. */
export function rejectLine(fault: Fault, record: Uint8Array): string {
  const { place, code, message } = fault;
  const hex = record.toHex().toUpperCase();
  const { byteOffset, field } = place;
  return `${JSON.stringify({ record: place.record, byteOffset, code, field, message, hex })}\n`;
}
