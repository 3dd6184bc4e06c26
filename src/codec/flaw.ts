// Knows: why some bytes hold no value, or why a value has no bytes.
// Must not know: where the bytes stand; whoever knows the field makes a Fault of it.

/** What is wrong, without the place. `flaw` is the fault's code; `message` goes on behind "The field x cannot be decoded: ". */
export interface Flaw {
  readonly flaw: string;
  readonly message: string;
}

/** A scalar that this codec reads. */
export type ScalarValue = null | boolean | number | bigint | string;

export function isScalarValue(value: unknown): value is ScalarValue {
  return value === null || ['boolean', 'number', 'bigint', 'string'].includes(typeof value);
}

export function isFlaw(result: unknown): result is Flaw {
  return typeof result === 'object' && result !== null && 'flaw' in result;
}

/** Two digits, upper case. */
export function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

export function allBytesAre(byte: number, bytes: Uint8Array, at: number, length: number): boolean {
  for (let p = at; p < at + length; p++) if (bytes[p] !== byte) return false;
  return true;
}
