// Knows: the type with which a value is bound, for products that say it beside the placeholder.
// Must not know: any product.

import type { Parameter } from './driver.ts';

/** A parameter with the type that it is compared as, so that no column is converted for its sake. */
export interface TypedParameter extends Parameter {
  /** Words of ours, or a quoted name out of the catalog; nothing of a request. */
  readonly sqlType?: string;
}

/** The type of what a query compiler is given to bind. */
export function sqlTypeOf(parameter: unknown): string | undefined {
  return typeof parameter === 'object' &&
    parameter !== null &&
    'sqlType' in parameter &&
    typeof parameter.sqlType === 'string'
    ? parameter.sqlType
    : undefined;
}
