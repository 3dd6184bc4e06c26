// Knows: how both facades stand over an opened gateway, and what stands before them.
// Must not know: how a gateway is opened, sockets.

import { acceptedBy, editorHeaders } from '../config/accepted.ts';
import type { Config } from '../config/config.ts';
import type { Gateway } from '../gateway.ts';
import type { Counters } from '../http/gates/rate.ts';
import type { Standing } from '../http/health.ts';
import type { Observe } from '../observe.ts';
import type { State } from '../state/state.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';

export interface AppOptions {
  readonly version: string;
  readonly observe: Observe;
  /** Where the server is in its life; left out, it serves. */
  readonly standing?: () => Standing;
  /** Absent: no spans are made, and there are no metrics. */
  readonly telemetry?: Pick<Telemetry, 'tracer' | 'metrics' | 'audit'>;
  /** Absent: what should outlive a gateway is kept with it. */
  readonly state?: Pick<State, 'answers' | 'budgets'>;
  /** How many requests were counted; absent: counting begins anew with this gateway. */
  readonly counters?: Counters;
}

/** Both facades over an opened gateway. They are loaded here, so that a check need not wait for them. */
export async function createFacades(gateway: Gateway, config: Config, options: AppOptions) {
  const [{ createApp }, { createGraphql }] = await Promise.all([
    import('../http/server.ts'),
    import('../graphql/yoga.ts'),
  ]);
  const { catalog, rights, execute, invoke, write, watch, health, authenticate } = gateway;
  const { policy, server } = config;
  const { version, observe, standing, telemetry, state, counters } = options;
  const accepted = acceptedBy(config);
  const pageHeaders = editorHeaders(accepted);
  // What both facades ask of the gateway.
  const asked = { execute, invoke, write, watch, policy };
  return createApp({
    ...asked,
    authenticate,
    catalog,
    rights,
    graphql: (shown) =>
      createGraphql({
        ...asked,
        catalog: shown,
        ...(pageHeaders === undefined ? {} : { pageHeaders }),
        onFault: (fault, requestId, serial) =>
          observe({ kind: 'fault', fault, requestId, ...(serial === undefined ? {} : { serial }) }),
      }),
    health,
    ...(standing === undefined ? {} : { standing }),
    seesFaults: ({ by, roles }) =>
      by === 'development' || roles.some((role) => config.telemetry.metricsRoles?.includes(role) === true),
    ...(accepted === undefined ? {} : { accepted }),
    observe,
    ...watchedBy(telemetry, config.telemetry.metricsRoles, gateway),
    rates: config.limits,
    ...(counters === undefined ? {} : { counters }),
    ...(server.cors === undefined ? {} : { cors: server.cors }),
    trustedProxies: server.trustedProxies,
    ...(state === undefined ? {} : { answers: state.answers }),
    title: server.title,
    version,
  });
}

/** What the server does for who watches it: spans of requests, and metrics for some roles. */
function watchedBy(
  { tracer, metrics }: Pick<Telemetry, 'tracer' | 'metrics'> = {},
  roles: readonly string[] | undefined,
  gateway: Gateway,
) {
  return {
    ...(tracer === undefined ? {} : { tracer }),
    ...(metrics === undefined || roles === undefined
      ? {}
      : { metrics: { roles, type: metrics.type, text: () => metrics.text(gateway) } }),
  };
}
