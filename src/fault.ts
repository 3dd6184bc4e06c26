// Knows: the closed list of failure kinds and what each means to a client.
// Must not know: HTTP servers, GraphQL, adapters. Both facades render the same row of the table.

/** May the same request succeed later? `later`: after a pause; `maybe`: the source decides; `yes`: at once. */
export type Retry = 'never' | 'later' | 'maybe' | 'yes';

export interface FaultRow {
  readonly status: number;
  readonly title: string;
  readonly retry: Retry;
}

/** THE table: kind → HTTP status, title, may it be retried. */
export const FAULTS = {
  invalid: { status: 400, title: 'The request is not valid', retry: 'never' },
  unauthenticated: { status: 401, title: 'Credentials are missing or not accepted', retry: 'never' },
  forbidden: { status: 403, title: 'Not allowed', retry: 'never' },
  'not-found': { status: 404, title: 'Not found', retry: 'never' },
  conflict: { status: 409, title: 'The change collides with existing data', retry: 'never' },
  stale: { status: 412, title: 'The data has changed since it was read', retry: 'never' },
  rejected: { status: 422, title: 'The source understood the request and refused it', retry: 'never' },
  'too-costly': { status: 422, title: 'The request costs more than the policy allows', retry: 'never' },
  throttled: { status: 429, title: 'Too many requests', retry: 'later' },
  unsupported: { status: 501, title: 'The source does not offer this', retry: 'never' },
  corrupt: { status: 502, title: 'The data of the source cannot be decoded', retry: 'never' },
  upstream: { status: 502, title: 'The source answered with an error', retry: 'maybe' },
  unavailable: { status: 503, title: 'The source cannot be reached', retry: 'yes' },
  timeout: { status: 504, title: 'The source did not answer in time', retry: 'yes' },
  internal: { status: 500, title: 'Internal error', retry: 'never' },
} as const satisfies Record<string, FaultRow>;

export type FaultKind = keyof typeof FAULTS;

/** Refusals that only HTTP has. Their faults are `invalid`; by the fault's code each has a row of its own. */
export const HTTP_REFUSALS: ReadonlyMap<string, FaultRow> = new Map([
  ['header-limit', { status: 431, title: 'The address or the headers are too long', retry: 'never' }],
  [
    'idempotency-mismatch',
    { status: 422, title: 'The Idempotency-Key belongs to another request', retry: 'never' },
  ],
  ['method-not-allowed', { status: 405, title: 'The method is not allowed here', retry: 'never' }],
  ['not-acceptable', { status: 406, title: 'No acceptable media type', retry: 'never' }],
  ['slow-request', { status: 408, title: 'The request did not come in time', retry: 'yes' }],
  [
    'unsupported-media-type',
    { status: 415, title: 'The media type of the body is not understood', retry: 'never' },
  ],
]);

/** What clients are told of an `internal` fault. */
const MASKED = 'Something went wrong inside the gateway';

/** Where in the data or in the request something went wrong. Everything here may be shown to a client. */
export interface FaultPlace {
  readonly source?: string;
  readonly collection?: string;
  /** Of a collection of several files, the one: its path as the `file` field shows it. */
  readonly file?: string;
  /** Number of the record in its file, the first is 1. */
  readonly record?: number;
  /** API name of the operation. */
  readonly operation?: string;
  /** API name of the field, dotted inside groups: `address.city`. */
  readonly field?: string;
  /** Offset of the field's first byte in the file, the first byte is 0. */
  readonly byteOffset?: number;
  /** The bytes that could not be decoded, hexadecimal, upper case. */
  readonly hex?: string;
  /** Part of the request: the name of a query parameter, an argument or a header. */
  readonly parameter?: string;
  /** Offset into the parameter's text, the first character is 0. */
  readonly position?: number;
  /** What to try instead, mostly the nearest valid word. */
  readonly hint?: string;
}

/** What the source itself says of its refusal: a SOAP Fault. It is data, so it is told to the client and never logged. */
export interface SourceFault {
  /** The source's own word for it: `Client.UnknownCustomer`. */
  readonly code: string;
  readonly subcode?: string;
  readonly reason?: string;
  /** JSON of what the source's contract declares. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** One problem of several that a fault carries. */
export interface FaultDetail extends FaultPlace {
  readonly message: string;
}

export interface FaultOptions extends FaultPlace {
  /** Stable machine-readable word, finer than the kind: `bad-packed-digit`. Defaults to the kind. */
  readonly code?: string;
  readonly errors?: readonly FaultDetail[];
  readonly sourceFault?: SourceFault;
  /** True when only a change of the configuration can mend it: `serve` refuses to start with such a fault. */
  readonly misconfigured?: boolean;
  /** Seconds after which the same request may succeed, where that is known better than the table knows it. */
  readonly retryAfterS?: number;
  /** The error behind it: for the log, never for a client. */
  readonly cause?: unknown;
}

/**
 * The only error that crosses a border between folders. `message` is written for the client: it holds no
 * secret, no SQL, no parameter of another request.
 */
export class Fault extends Error {
  readonly kind: FaultKind;
  readonly code: string;
  readonly place: FaultPlace;
  readonly errors: readonly FaultDetail[];
  readonly sourceFault: SourceFault | undefined;
  readonly misconfigured: boolean;
  readonly retryAfterS: number | undefined;

  constructor(kind: FaultKind, message: string, options: FaultOptions = {}) {
    const { code, errors, sourceFault, misconfigured, retryAfterS, cause, ...place } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.kind = kind;
    this.code = code ?? kind;
    this.place = place;
    this.errors = errors ?? [];
    this.sourceFault = sourceFault;
    this.misconfigured = misconfigured ?? false;
    this.retryAfterS = retryAfterS;
  }

  /** Its line in the table: that of the kind, or of the refusal that only HTTP has. */
  get entry(): FaultRow {
    const refusal = this.kind === 'invalid' ? HTTP_REFUSALS.get(this.code) : undefined;
    return refusal ?? FAULTS[this.kind];
  }

  /** What clients are told: everything here, but of our own bugs (`internal`) only that there is one. */
  get told(): Pick<Fault, 'message' | 'code' | 'place' | 'errors' | 'sourceFault'> {
    return this.kind === 'internal'
      ? { message: MASKED, code: this.kind, place: {}, errors: [], sourceFault: undefined }
      : this;
  }

  /** The same fault with more of its place filled in; what is already known stays. */
  at(place: FaultPlace): Fault {
    const located = new Fault(this.kind, this.message, {
      ...place,
      ...this.place,
      code: this.code,
      errors: this.errors,
      ...(this.sourceFault === undefined ? {} : { sourceFault: this.sourceFault }),
      misconfigured: this.misconfigured,
      ...(this.retryAfterS === undefined ? {} : { retryAfterS: this.retryAfterS }),
      cause: this.cause,
    });
    if (this.stack !== undefined) located.stack = this.stack;
    return located;
  }
}

/** Anything thrown → a Fault. Unknown errors become `internal` with a masked message and the error as cause. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof Error) {
    if (error.name === 'TimeoutError') {
      return new Fault('timeout', 'No answer in time', { cause: error });
    }
    if (error.name === 'AbortError') {
      return new Fault('unavailable', 'The request was cancelled', { code: 'cancelled', cause: error });
    }
  }
  return new Fault('internal', MASKED, { cause: error });
}

/** A fault as plain data: what one thread tells another. Of what is behind it only the text goes along. */
export interface FaultData {
  readonly kind: FaultKind;
  readonly message: string;
  readonly options: Omit<FaultOptions, 'cause'>;
  readonly cause?: string;
}

export function faultData(fault: Fault): FaultData {
  const { kind, message, code, place, errors, sourceFault, misconfigured, retryAfterS, cause } = fault;
  return {
    kind,
    message,
    options: {
      ...place,
      code,
      errors,
      misconfigured,
      ...(sourceFault === undefined ? {} : { sourceFault }),
      ...(retryAfterS === undefined ? {} : { retryAfterS }),
    },
    ...(cause === undefined
      ? {}
      : { cause: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) }),
  };
}

export function faultOfData({ kind, message, options, cause }: FaultData): Fault {
  return new Fault(kind, message, {
    ...options,
    ...(cause === undefined ? {} : { cause: new Error(cause) }),
  });
}
