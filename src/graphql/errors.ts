// Knows: how every error of a GraphQL answer becomes a fault, and how a fault reads under `errors`.
// Must not know: servers, sockets.

import { GraphQLError, type GraphQLErrorExtensions } from 'graphql';
import { Fault, HTTP_REFUSALS, toFault } from '../fault.ts';

/** What an HTTP server needs to know of an error; it is taken out before the answer is written. */
interface HttpHint {
  readonly status: number;
  /** True: with `application/json` the status stays 200, as GraphQL over HTTP wants it for well-formed requests. */
  readonly spec: boolean;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Any error of an answer → its fault. What has no fault in it and is not GraphQL's own word about the request is
 * `internal`, and its message stays inside.
 */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof GraphQLError)) return toFault(error);
  let root: GraphQLError = error;
  while (root.originalError instanceof GraphQLError) root = root.originalError;
  if (root.originalError != null) return toFault(root.originalError);
  // With a path but without a place in the text it comes from rendering a value: ours, not the client's.
  const ours =
    root.extensions['unexpected'] === true || (error.path !== undefined && root.nodes === undefined);
  if (ours) return toFault(root);
  const { status = 400 } = hintOf(error);
  if (status === 413) return new Fault('too-costly', error.message, { code: 'body-limit' });
  const [code] = [...HTTP_REFUSALS].find(([, row]) => row.status === status) ?? [];
  return new Fault('invalid', error.message, code === undefined ? {} : { code });
}

/**
 * The error as the client sees it: message, place in the query, path in the answer, and under `extensions` what REST
 * tells in a problem document. `answered`: some of the data stands, so the HTTP status does not change.
 */
export function rendered(error: unknown, fault: Fault, requestId: string, answered: boolean): GraphQLError {
  const at = error instanceof GraphQLError ? error : undefined;
  const { message, code, place, errors, sourceFault } = fault.told;
  const extensions: GraphQLErrorExtensions = {
    code,
    kind: fault.kind,
    requestId,
    ...place,
    ...(errors.length === 0 ? {} : { errors }),
    ...(sourceFault === undefined ? {} : { sourceFault }),
    ...(answered ? {} : { http: httpOf(error, fault) }),
  };
  return new GraphQLError(message, {
    nodes: at?.nodes ?? null,
    source: at?.source ?? null,
    positions: at?.positions ?? null,
    path: at?.path ?? null,
    originalError: fault,
    extensions,
  });
}

function httpOf(error: unknown, fault: Fault): HttpHint {
  const { headers } = hintOf(error);
  return {
    status: fault.entry.status,
    // GraphQL has read the document: what it says about a place in it is an answer, not a failure of HTTP.
    spec: error instanceof GraphQLError && error.locations !== undefined && fault.kind !== 'internal',
    ...(headers === undefined ? {} : { headers }),
  };
}

function hintOf(error: unknown): Partial<HttpHint> {
  return (error instanceof GraphQLError ? error.extensions['http'] : undefined) ?? {};
}
