// Knows: what of `access` cannot be right although each part of it is: roles that nobody defines, credentials of two clients.
// Must not know: files, YAML.

import type { Clients } from '../auth/access.ts';
import { collisions } from '../auth/clients.ts';
import { didYouMean } from '../model/naming.ts';
import { type Path, quoted } from './problem.ts';
import type { Access } from './sections/access.ts';
import type { Roles } from './sections/roles.ts';
import type { TlsOptions } from './sections/server.ts';
import type { TelemetryOptions } from './sections/telemetry.ts';

/** What is wrong at a place of the file. */
export interface Mistake {
  readonly path: Path;
  readonly message: string;
}

export interface AccessParts {
  readonly access?: Access | undefined;
  readonly roles: Roles;
  readonly server: { readonly tls?: TlsOptions };
  readonly telemetry: Pick<TelemetryOptions, 'metricsRoles'>;
}

export function accessMistakes(parts: AccessParts): readonly Mistake[] {
  const { access, roles, server, telemetry } = parts;
  const watchers = unknownRoles(telemetry.metricsRoles ?? [], roles).map(({ path, message }) => ({
    path: ['telemetry', 'metricsRoles', ...path],
    message,
  }));
  if (access === undefined) return watchers;
  const { development, anonymous = [], clients, clientsFile, tokens } = access;
  const at = (path: Path, { path: rest, message }: Mistake): Mistake => ({
    path: [...path, ...rest],
    message,
  });
  const given = Object.keys(clients).length + tokens.length > 0 || clientsFile !== undefined;
  const both = development === true && (given || access.anonymous !== undefined);
  return [
    ...watchers,
    ...(both ? [{ path: ['access', 'development'], message: EXCLUSIVE }] : []),
    ...unknownRoles(anonymous, roles).map((mistake) => at(['access', 'anonymous'], mistake)),
    ...clientMistakes(clients, roles, server.tls).map((mistake) => at(['access', 'clients'], mistake)),
    ...tokens.flatMap(({ issuer, rolesOf = {} }, i) => [
      ...(tokens.findIndex((other) => other.issuer === issuer) < i
        ? [
            {
              path: ['access', 'tokens', i, 'issuer'],
              message: 'expected each issuer once; this one stands above already',
            },
          ]
        : []),
      ...Object.entries(rolesOf).flatMap(([word, named]) =>
        unknownRoles(named, roles).map((mistake) => at(['access', 'tokens', i, 'rolesOf', word], mistake)),
      ),
    ]),
  ];
}

const EXCLUSIVE = 'expected nothing else in `access`: with this, everybody may do everything';

/** Of `access.clients` or of the file that `access.clientsFile` names; paths begin with the client. */
export function clientMistakes(
  clients: Clients,
  roles: Roles,
  tls: TlsOptions | undefined,
): readonly Mistake[] {
  const unseen = tls?.clients === undefined;
  return [
    ...Object.entries(clients).flatMap(([name, client]) => [
      ...unknownRoles(client.roles, roles).map(({ path, message }) => ({
        path: [name, 'roles', ...path],
        message,
      })),
      ...(unseen && client.certificates.length > 0
        ? [
            {
              path: [name, 'certificates'],
              message: 'expected `server.tls.clients`: no certificate would be seen',
            },
          ]
        : []),
    ]),
    ...collisions(clients).map(({ first, client, of, index }) => ({
      path: [client, of, index],
      message: `expected another one: client ${quoted(first)} has it already`,
    })),
  ];
}

export function unknownRoles(named: readonly string[], roles: Roles): readonly Mistake[] {
  const defined = Object.keys(roles);
  return named.flatMap((role, i) =>
    defined.includes(role)
      ? []
      : [{ path: [i], message: `\`roles\` defines no role ${quoted(role)}.${didYouMean(role, defined)}` }],
  );
}
