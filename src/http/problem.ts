// Knows: how a fault reads as a problem document (RFC 9457).
// Must not know: servers and requests beyond their id and path.

import { FAULTS, type Fault, type FaultDetail, type FaultPlace } from '../fault.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** Refusals that only HTTP has. Their faults are `invalid`; HTTP has a finer status for each, by the fault's code. */
const HTTP_ROWS: ReadonlyMap<string, { readonly status: number; readonly title: string }> = new Map([
  ['method-not-allowed', { status: 405, title: 'The method is not allowed here' }],
  ['not-acceptable', { status: 406, title: 'No acceptable media type' }],
  ['unsupported-media-type', { status: 415, title: 'The media type of the body is not understood' }],
]);

/** Seconds to wait before the same request may succeed. */
const RETRY_AFTER_SECONDS = { never: undefined, maybe: undefined, later: 5, yes: 1 } as const;

export interface Problem extends FaultPlace {
  /** `urn:overpunch:problem:corrupt`: stable, one for each kind of fault and each refusal of HTTP. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Path that was asked for. */
  readonly instance: string;
  readonly code: string;
  readonly requestId: string;
  readonly errors?: readonly FaultDetail[];
}

/** `instance` is a path without its query string. What is behind an `internal` fault is for the log alone. */
export function problemOf(fault: Fault, instance: string, requestId: string): Problem {
  const { kind, code, message, place, errors } = fault;
  const own = kind === 'invalid' ? HTTP_ROWS.get(code) : undefined;
  const { status, title } = own ?? FAULTS[kind];
  const type = `urn:overpunch:problem:${own === undefined ? kind : code}`;
  if (kind === 'internal') {
    return {
      type,
      title,
      status,
      detail: 'Something went wrong inside the gateway',
      instance,
      code: kind,
      requestId,
    };
  }
  return {
    type,
    title,
    status,
    detail: message,
    instance,
    code,
    requestId,
    ...place,
    ...(errors.length === 0 ? {} : { errors }),
  };
}

/** Value of `Retry-After`, where waiting helps. */
export function retryAfterOf(fault: Fault): number | undefined {
  return RETRY_AFTER_SECONDS[FAULTS[fault.kind].retry];
}
