// Knows: why some bytes hold no value, or why a value has no bytes.
// Must not know: where the bytes stand; whoever knows the field makes a Fault of it.

/** What is wrong, without the place. `flaw` is the fault's code; `message` goes on behind "The field x cannot be decoded: ". */
export interface Flaw {
  readonly flaw: string;
  readonly message: string;
}

/** A scalar that this codec reads. */
export type ScalarValue = null | boolean | number | bigint | string | Uint8Array;

export function isScalarValue(value: unknown): value is ScalarValue {
  return (
    value === null ||
    value instanceof Uint8Array ||
    ['boolean', 'number', 'bigint', 'string'].includes(typeof value)
  );
}

export function isFlaw(result: unknown): result is Flaw {
  return typeof result === 'object' && result !== null && 'flaw' in result;
}

export const WRONG_TYPE: Flaw = { flaw: 'wrong-type', message: 'the value is not of its type' };

/** A minus where the picture has no S. `found` says which byte or nibble it is. */
export function unsignedMinus(found: string): Flaw {
  return { flaw: 'unsigned-minus', message: `${found}, a minus, but the picture has no sign` };
}

/** Two digits, upper case. */
export function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
