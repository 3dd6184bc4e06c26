// Knows: how many requests who may send, counted in memory, and how clients are told (draft-ietf-httpapi-ratelimit-headers-10, RFC 9110 section 10.2.3).
// Must not know: who somebody is (auth), what is asked.

import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Fault } from '../../fault.ts';
import { type Caller, clientId } from '../../query/caller.ts';
import { begun } from '../../query/context.ts';
import { addressOf, neighbourhood } from './address.ts';

export interface Rate {
  readonly requests: number;
  readonly perSeconds: number;
}

export interface Rates {
  /** Each client by itself. Absent: it is not limited. */
  readonly perClient?: Rate;
  /** Each address from which anonymous requests come. */
  readonly perAddress?: Rate;
  /** Each address from which refused credentials come: whoever guesses is slow. */
  readonly refused: Rate;
  /** Role → each of its clients by itself, in place of `perClient`. Of several the most generous counts. */
  readonly roles: Readonly<Record<string, Rate>>;
}

export interface RateLimits {
  /** In front of the check of credentials: an address from which too many were refused has to wait, whatever it shows. */
  readonly suspects: RequestHandler;
  /** Behind it: what was refused is counted. */
  readonly refused: ErrorRequestHandler;
  /** Behind it: everybody who was let in. */
  readonly admit: RequestHandler;
}

/** Those that ask whether the gateway is there must be told, however often they ask. */
const PROBES = /^\/health(\/|$)/;

/** What has been counted, by whom the limit is for and its rate: a configuration that is read again goes on with it. */
export type Counters = Map<string, Counter>;

export function limitRates(rates: Rates, counters: Counters = new Map()): RateLimits {
  const { perClient, perAddress, roles } = rates;
  const counter = (name: string, rate: Rate, role = ''): Counter => {
    const id = `${name} ${role} ${rate.requests}/${rate.perSeconds}`;
    const known = counters.get(id) ?? createCounter(name, rate);
    counters.set(id, known);
    return known;
  };
  const suspects = counter('refused', rates.refused);
  const byClient = perClient === undefined ? undefined : counter('client', perClient);
  const byAddress = perAddress === undefined ? undefined : counter('address', perAddress);
  const byRole = new Map(Object.entries(roles).map(([role, rate]) => [role, counter('role', rate, role)]));

  const counterOf = ({ roles: own, by }: Caller): Counter | undefined => {
    const [most] = own
      .flatMap((role) => byRole.get(role) ?? [])
      .sort((a, b) => perSecond(b.rate) - perSecond(a.rate) || b.rate.requests - a.rate.requests);
    return most ?? (by === 'anonymous' ? byAddress : byClient);
  };

  return {
    suspects: (req, res, next) => {
      if (suspects.isEmpty() || !showsCredentials(req)) return next();
      void suspects.left(addressKey(req)).then((spent) => {
        if (spent === undefined || spent.consumedPoints < suspects.rate.requests) return next();
        // Nothing of the rate is told: how many guesses are left is nobody's business.
        next(tooMany(res, spent, 'Too many credentials from this address were refused'));
      }, next);
    },
    refused: (error, req, _res, next) => {
      if (!(error instanceof Fault) || error.kind !== 'unauthenticated') return next(error);
      const counting = showsCredentials(req) ? suspects : byAddress;
      if (counting === undefined) return next(error);
      void counting.take(addressKey(req)).then(() => next(error), next);
    },
    admit: (req, res, next) => {
      const caller = begun(req)?.caller;
      const limit = caller === undefined ? byAddress : counterOf(caller);
      if (limit === undefined || PROBES.test(req.path)) return next();
      const key =
        caller === undefined || caller.by === 'anonymous' ? addressKey(req) : `client ${clientId(caller)}`;
      void limit.take(key).then(({ fits, spent }) => {
        limit.tell(res, spent);
        next(fits ? undefined : tooMany(res, spent, `More than ${rateText(limit.rate)}`));
      }, next);
    },
  };
}

/** The check of credentials, with what it refuses counted. */
export function counted(check: RequestHandler, counting: RateLimits | undefined): RequestHandler {
  if (counting === undefined) return check;
  return (req, res, next) =>
    check(req, res, (error?: unknown) => {
      if (error === undefined) next();
      else counting.refused(error, req, res, next);
    });
}

function showsCredentials({ headers, socket }: Request): boolean {
  return (
    headers.authorization !== undefined ||
    headers['x-api-key'] !== undefined ||
    ('authorized' in socket && socket.authorized === true)
  );
}

function addressKey(req: Request): string {
  return `address ${neighbourhood(addressOf(req))}`;
}

export interface Counter {
  readonly rate: Rate;
  /** Counts one. */
  take(key: string): Promise<{ readonly fits: boolean; readonly spent: RateLimiterRes }>;
  /** Nobody was counted yet. */
  isEmpty(): boolean;
  /** Counts nothing; undefined: nothing was counted yet. */
  left(key: string): Promise<RateLimiterRes | undefined>;
  /** Sets the headers. */
  tell(res: Response, spent: RateLimiterRes): void;
}

/** More who are counted at the same time make the gateway forget whom it has counted longest: memory is bounded, not the internet. */
const MOST_COUNTED = 100_000;

/** `name`: what clients are told the limit is. */
function createCounter(name: string, rate: Rate): Counter {
  const limiter = new RateLimiterMemory({ points: rate.requests, duration: rate.perSeconds });
  const counted = new Set<string>();
  const policy = `"${name}";q=${rate.requests};w=${rate.perSeconds}`;
  return {
    rate,
    async take(key) {
      if (!counted.has(key)) {
        counted.add(key);
        const [oldest] = counted;
        if (counted.size > MOST_COUNTED && oldest !== undefined) {
          counted.delete(oldest);
          await limiter.delete(oldest);
        }
      }
      try {
        return { fits: true, spent: await limiter.consume(key) };
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        return { fits: false, spent: error };
      }
    },
    isEmpty: () => counted.size === 0,
    left: async (key) => (await limiter.get(key)) ?? undefined,
    tell(res, { remainingPoints, msBeforeNext }) {
      res.setHeader('RateLimit-Policy', policy);
      res.setHeader('RateLimit', `"${name}";r=${remainingPoints};t=${seconds(msBeforeNext)}`);
    },
  };
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

function perSecond({ requests, perSeconds }: Rate): number {
  return requests / perSeconds;
}

function rateText({ requests, perSeconds }: Rate): string {
  return `${requests} requests in ${perSeconds} seconds`;
}

function tooMany(res: Response, { msBeforeNext }: RateLimiterRes, message: string): Fault {
  res.setHeader('Retry-After', seconds(msBeforeNext));
  return new Fault('throttled', message, { code: 'rate-limit' });
}
