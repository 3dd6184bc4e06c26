// Knows: how metrics are shown: on the API to the roles that may read them, and on a port of their own beside the health.
// Must not know: what is measured.

import type { RequestListener } from 'node:http';
import type { RequestHandler } from 'express';
import { Fault } from '../fault.ts';
import { unobserved } from '../observe.ts';
import { begun } from '../query/context.ts';
import { allows } from './api.ts';
import type { HealthPage } from './health.ts';
import { pathOf, sendFault, sendJson, sendText } from './send.ts';

export const METRICS = '/metrics';

/** What there is to see, in the text format of Prometheus. */
export interface Metrics {
  readonly type: string;
  text(): Promise<string>;
}

export interface MetricsPage extends Metrics {
  /** Whoever has one of them may read it. */
  readonly roles: readonly string[];
}

/** Of the API: refuses whoever has none of the roles. */
export function metricsPage({ roles, ...metrics }: MetricsPage): RequestHandler {
  return async (req, res, next) => {
    if (req.path !== '/') {
      next();
      return;
    }
    const caller = begun(req)?.caller;
    if (caller?.roles.some((role) => roles.includes(role)) !== true) {
      throw caller === undefined || caller.by === 'anonymous'
        ? new Fault('unauthenticated', 'Metrics are for the roles that may read them')
        : new Fault('forbidden', 'None of your roles may read the metrics');
    }
    if (!allows(req, res)) return;
    res.setHeader('Cache-Control', 'no-store');
    sendText(res, 200, await metrics.text(), metrics.type);
  };
}

/** All that the port for whoever watches the gateway shows: metrics and health, to whoever reaches it. `health`: its page at a path. */
export function watchersPages(
  metrics: Metrics,
  health: (path: string) => HealthPage | undefined,
): RequestListener {
  return (req, res) => {
    const answer = async (): Promise<void> => {
      const path = pathOf(req);
      res.setHeader('X-Content-Type-Options', 'nosniff');
      if (req.method !== 'GET' && req.method !== 'HEAD') {
        res.setHeader('Allow', 'GET, HEAD');
        throw new Fault('invalid', 'Only GET and HEAD are answered here', { code: 'method-not-allowed' });
      }
      if (path === METRICS) {
        sendText(res, 200, await metrics.text(), metrics.type);
        return;
      }
      const page = health(path);
      if (page === undefined) throw new Fault('not-found', 'There is nothing here', { hint: METRICS });
      res.setHeader('Cache-Control', 'no-store');
      sendJson(res, page.status, page.body);
    };
    answer().catch((error: unknown) => sendFault(req, res, error, unobserved));
  };
}
