// Knows: what the status codes of SFTP (draft-ietf-secsh-filexfer-02, section 7), the levels of ssh2's errors and the operating
// system's codes of sockets and of the cache's disk mean.
// Must not know: connections, requests. Messages of the server go to the log only, as the cause.

import { Fault } from '#spi';

/** What messages show. */
export interface Remote {
  readonly host: string;
  readonly path: string;
}

const NOT_OFFERED = 'not-offered';

/** What a request is for. */
export type Purpose = 'read' | 'write';

type Meanings = ReadonlyMap<number, readonly [code: string, what: string]>;

const READING: Meanings = new Map([
  [2, ['file-missing', 'does not exist']],
  [3, ['file-unreadable', 'may not be read by the login of the gateway']],
  [4, ['read-error', 'cannot be read: the server reports a failure']],
  [5, ['read-error', 'cannot be read: the server did not understand the request']],
  [8, ['read-error', 'cannot be read: the server does not offer what is needed']],
]);

/** From 9 on: draft-ietf-secsh-filexfer-13, section 9.1. Some servers of the version 3 answer with them, too. */
const WRITING: Meanings = new Map([
  [2, ['file-unwritable', 'cannot be written: its folder does not exist']],
  [3, ['file-unwritable', 'may not be written by the login of the gateway']],
  [4, ['write-error', 'cannot be written: the server reports a failure']],
  [5, ['write-error', 'cannot be written: the server did not understand the request']],
  [8, [NOT_OFFERED, 'cannot be written: the server does not offer what is needed']],
  [11, ['file-exists', 'is there already']],
  [12, ['file-unwritable', 'cannot be written: its place is write-protected']],
  [14, ['disk-full', 'cannot be written: the disk of the server is full']],
  [15, ['quota', 'cannot be written: the login has used up its quota']],
  [17, ['file-locked', 'cannot be written: somebody else holds a lock on it']],
]);

const STATUS: Readonly<Record<Purpose, Meanings>> = { read: READING, write: WRITING };

/** All that a server of the version 3 says where a disk is full, a quota used up, or anything else is wrong. */
const WRITE_HINT = 'Has its disk room, and has the login a quota? The log of the server tells more.';

/** The one mapping from errors of a request to faults. What has no status is a request that got no answer. */
export function requestFault({ host, path }: Remote, error: unknown, purpose: Purpose = 'read'): Fault {
  if (error instanceof Fault) return error;
  const meaning = STATUS[purpose].get(Number(codeOf(error)));
  if (meaning === undefined) return lost(host, error);
  const [code, what] = meaning;
  return new Fault('unavailable', `"${path}" on ${host} ${what}`, {
    code,
    cause: error,
    ...(code === 'write-error' ? { hint: WRITE_HINT } : {}),
  });
}

/** An extension that the server does not have, as it would say so itself. */
export function notOffered(cause: unknown): Error {
  return Object.assign(new Error('The server does not offer the extension', { cause }), { code: 8 });
}

export function isNotOffered(error: unknown): boolean {
  return error instanceof Fault && error.code === NOT_OFFERED;
}

export function diskFull({ host, path }: Remote, cause: unknown): Fault {
  return new Fault('unavailable', `"${path}" on ${host} cannot be written: the disk of the server is full`, {
    code: 'disk-full',
    cause,
  });
}

/** By another program, since the edit of it began. */
export function changedMeanwhile({ host, path }: Remote): Fault {
  return new Fault('unavailable', `"${path}" on ${host} was changed by another program meanwhile`, {
    code: 'file-changed',
  });
}

export function alreadyThere({ host, path }: Remote): Fault {
  return new Fault('unavailable', `"${path}" on ${host} is there already`, { code: 'file-exists' });
}

export function damagedOnTheWay({ host, path }: Remote): Fault {
  return new Fault(
    'unavailable',
    `What ${host} has of "${path}" is not what was sent; the file was left as it is`,
    { code: 'write-error', hint: WRITE_HINT },
  );
}

/** Nothing but a change of the configuration helps: data sets of z/OS, and servers that cannot rename. */
export function noRename({ host, path }: Remote): Fault {
  return new Fault('unsupported', `"${path}" on ${host} cannot be written beside and renamed`, {
    code: 'no-rename',
    misconfigured: true,
    hint: 'With "rename: false" it is written in its place: a break in the middle then leaves a part of it.',
  });
}

export function outcomeUnknown({ host, path }: Remote, cause: unknown): Fault {
  return new Fault(
    'upstream',
    `Whether "${path}" on ${host} was replaced is not known: ${host} went silent`,
    {
      code: 'outcome-unknown',
      hint: 'Look at the file before the change is made once more.',
      cause,
    },
  );
}

/** Of a file that was being written in its place. */
export function torn({ host, path }: Remote, cause: unknown): Fault {
  return new Fault('upstream', `"${path}" on ${host} may have a part of what was to be written`, {
    code: 'outcome-unknown',
    hint: 'It is written in its place ("rename: false"): write it once more.',
    cause,
  });
}

export function isMissing(error: unknown): boolean {
  return error instanceof Fault && error.code === 'file-missing';
}

export function lost(host: string, cause?: unknown): Fault {
  return new Fault('unavailable', `The connection to ${host} was lost`, { code: 'connection-lost', cause });
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'connection-lost',
  'stalled',
  'cannot-connect',
  'handshake',
  'host-key',
  'login',
]);

/** There was no answer, or there is no connection. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof Fault && UNREACHABLE.has(error.code);
}

export function isLost(error: unknown): boolean {
  return error instanceof Fault && (error.code === 'connection-lost' || error.code === 'stalled');
}

export function stalled(host: string, ms: number): Fault {
  return new Fault('unavailable', `${host} sent nothing for ${ms} ms while it owed an answer`, {
    code: 'stalled',
  });
}

export function changed({ host, path }: Remote): Fault {
  return new Fault('unavailable', `"${path}" on ${host} changed while it was copied`, {
    code: 'file-changed',
  });
}

export function notAFile({ host, path }: Remote): Fault {
  return new Fault('unavailable', `"${path}" on ${host} is no regular file`, { code: 'not-a-file' });
}

/** The levels that ssh2 gives to errors of a connection that does not come about. */
const LEVELS: ReadonlyMap<string, readonly [code: string, what: (host: string) => string]> = new Map([
  ['client-authentication', ['login', (host: string) => `${host} does not accept the login of the gateway`]],
  ['agent', ['login', (host: string) => `The SSH agent has no key for the login at ${host}`]],
  ['client-timeout', ['cannot-connect', (host: string) => `${host} did not answer in time`]],
]);

/** The one mapping from errors of connecting and logging in. */
export function connectFault(host: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const [code, what] = LEVELS.get(levelOf(error)) ?? [];
  if (code !== undefined && what !== undefined)
    return new Fault('unavailable', what(host), { code, cause: error });
  const systemCode = codeOf(error);
  if (typeof systemCode === 'string' && /^E(?!RR_)[A-Z_]+$/.test(systemCode)) {
    return new Fault('unavailable', `${host} cannot be reached (${systemCode})`, {
      code: 'cannot-connect',
      cause: error,
    });
  }
  return new Fault('unavailable', `${host} and the gateway could not agree on a connection`, {
    code: 'handshake',
    hint: 'An old server may need "algorithms"; does the server offer SFTP to this login?',
    cause: error,
  });
}

/** What has to give, by the code of the operating system. */
const CACHE_FULL: ReadonlyMap<unknown, readonly [code: string, why: string]> = new Map([
  ['ENOSPC', ['cache-full', 'the disk of the cache is full']],
  ['EFBIG', ['cache-full', 'the disk of the cache takes no file of this size']],
  ['EDQUOT', ['cache-quota', 'the quota of the gateway on the disk of the cache is used up']],
]);

/** The one mapping from errors of the cache's folder. */
export function cacheFault({ host, path }: Remote, folder: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = codeOf(error);
  const full = CACHE_FULL.get(code);
  if (full !== undefined) {
    return new Fault('unavailable', `"${path}" on ${host} cannot be copied: ${full[1]}`, {
      code: full[0],
      hint: `Make room on the disk of ${folder}.`,
      cause: error,
    });
  }
  return new Fault('unavailable', `"${path}" on ${host} cannot be kept in the cache (${String(code)})`, {
    code: 'cache-error',
    hint: `May the gateway write to ${folder}?`,
    cause: error,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function levelOf(error: unknown): string {
  return error instanceof Error && 'level' in error ? String(error.level) : '';
}
