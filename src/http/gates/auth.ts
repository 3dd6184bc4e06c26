// Knows: how a request's credentials are found, and what a client is told that is not let in.
// Must not know: which credentials are accepted.

import type { Request, RequestHandler } from 'express';
import type { Authenticate, ClientCertificate, Credentials } from '../../auth/authenticate.ts';
import { ambiguous, notAccepted } from '../../auth/refusal.ts';
import { Fault, toFault } from '../../fault.ts';
import { begin, begun } from '../../query/context.ts';
import { isOpen, type Opening, PUBLIC_PATHS } from '../open-paths.ts';
import { pathOf } from '../send.ts';
import { clientCertificate } from './client-certificate.ts';
import { isNear } from './foreign-pages.ts';

/** A stranger's body is read nowhere, and no Idempotency-Key of his is kept. */
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Who shows something else may be answered something else. */
const SHOWN = 'Authorization, X-Api-Key';

/** Header of every answer while everybody may do everything. */
const DEVELOPMENT = 'X-Overpunch-Development';

/** Puts the caller into the request's context, or tells the client (RFC 9110, section 15.5.2) before anything of the request is read. */
export function authentication(authenticate: Authenticate): RequestHandler {
  return async (req, res, next) => {
    if (READING.has(req.method) && PUBLIC_PATHS.has(pathOf(req))) {
      next();
      return;
    }
    res.appendHeader('Vary', SHOWN);
    try {
      const caller = await authenticate(credentialsOf(req));
      if (caller.by === 'development' && !isNear(req.headers.host)) throw farName();
      const context = begun(req);
      if (context !== undefined) begin(req, { ...context, caller });
      if (caller.by === 'development') res.setHeader(DEVELOPMENT, 'everybody may do everything');
    } catch (error) {
      const fault = toFault(error);
      // A page in which credentials are typed in.
      if (fault.code === 'no-credentials' && isOpen(openingOf(req))) {
        next();
        return;
      }
      if (fault.kind === 'unauthenticated') res.setHeader('WWW-Authenticate', challenge(req, fault.code));
      // A body of a stranger is not read, so the connection cannot be used again.
      const { 'content-length': length = '0', 'transfer-encoding': encoding } = req.headers;
      if (length !== '0' || encoding !== undefined) res.setHeader('Connection', 'close');
      next(fault);
      return;
    }
    next();
  };
}

/** Nobody shows credentials, so a page that gets here would be answered everything. */
function farName(): Fault {
  return new Fault('forbidden', 'Development mode answers to addresses and to names of this network alone', {
    code: 'foreign-host',
    hint: 'Ask for http://localhost, or say under `access` who may ask',
  });
}

function openingOf(req: Request): Opening {
  return { method: req.method, path: pathOf(req), accept: req.headers.accept };
}

/**
 * A certificate counts where the handshake has verified it; one that it has not is refused, as every wrong credential is. What a header says of
 * a certificate is a text like any other. Throws `bad-credentials`.
 */
function credentialsOf(req: Request): Credentials {
  const { authorization, 'x-api-key': apiKey } = req.headers;
  // Of several, Node shows the first alone. Looked at only where there is one: all headers are gone through for it.
  if (authorization !== undefined && (req.headersDistinct['authorization']?.length ?? 0) > 1)
    throw ambiguous('several-authorizations');
  const certificate = certificateOf(req);
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(typeof apiKey === 'string' ? { apiKey } : {}),
    ...(certificate === undefined ? {} : { certificate }),
  };
}

function certificateOf({ socket }: Request): ClientCertificate | undefined {
  const shown = clientCertificate(socket);
  if (shown === undefined) return undefined;
  if (!shown.authorized) throw notAccepted('certificate-not-authorized');
  return shown.certificate;
}

/** RFC 6750, section 3: the error is said of a token alone, and nothing where none was shown. */
function challenge({ headers }: Request, code: string): string {
  const failed = code === 'bad-credentials' && headers.authorization !== undefined;
  return `Bearer realm="overpunch"${failed ? ', error="invalid_token"' : ''}`;
}
