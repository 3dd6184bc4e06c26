// Knows: how a fault reads as a problem document (RFC 9457).
// Must not know: servers and requests beyond their id and path.

import { FAULTS, type Fault, type FaultDetail, type FaultPlace, type SourceFault } from '../fault.ts';

export const PROBLEM_TYPE = 'application/problem+json';

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
  readonly sourceFault?: SourceFault;
}

/** `instance` is a path without its query string. */
export function problemOf({ kind, entry, told }: Fault, instance: string, requestId: string): Problem {
  const { status, title } = entry;
  const { message, code, place, errors, sourceFault } = told;
  return {
    type: `urn:overpunch:problem:${entry === FAULTS[kind] ? kind : code}`,
    title,
    status,
    detail: message,
    instance,
    code,
    requestId,
    ...place,
    ...(errors.length === 0 ? {} : { errors }),
    ...(sourceFault === undefined ? {} : { sourceFault }),
  };
}

/** Value of `Retry-After`, where waiting helps. */
export function retryAfterOf(fault: Fault): number | undefined {
  return fault.retryAfterS ?? RETRY_AFTER_SECONDS[fault.entry.retry];
}
