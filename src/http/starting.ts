// Knows: what is answered while nothing can be served yet.
// Must not know: what is going to be served, and why it takes so long.

import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { Fault } from '../fault.ts';
import { healthPage, healthReport } from './health.ts';
import { PROBLEM_TYPE, problemOf, retryAfterOf } from './problem.ts';
import { pathOf, sendJson } from './send.ts';

/** The process is alive, and is not ready; everything else is asked again in a moment. */
export const starting: RequestListener = (req, res) => {
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  const path = pathOf(req);
  const page = healthPage(path, () => healthReport([], { phase: 'starting' }));
  // Nobody is asked who he is, so nobody is told more.
  if (page !== undefined) return sendJson(res, page.status, { state: page.body.state });
  const fault = new Fault('unavailable', 'The gateway is starting', { code: 'starting' });
  const problem = problemOf(fault, path, randomUUID());
  res.setHeader('Retry-After', retryAfterOf(fault) ?? 1);
  sendJson(res, problem.status, problem, PROBLEM_TYPE);
};
