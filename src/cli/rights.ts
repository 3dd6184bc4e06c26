// Knows: how the effective rights of roles are written for somebody who has to answer for them.
// Must not know: how they come about, HTTP, GraphQL.

import { oneLine } from '../config/problem.ts';
import { didYouMean } from '../model/naming.ts';
import { unobserved } from '../observe.ts';
import { createRights } from '../rights/create-rights.ts';
import {
  type CollectionRights,
  describeRights,
  type FieldRights,
  type RightsDescription,
} from '../rights/describe.ts';
import { type Command, textOf, textsOf } from './command.ts';
import { CONFIG, openConfigured } from './opening.ts';

export const rights: Command = {
  doc: [
    'Of several roles: what a caller may do who has all of them. Where their rows are the same, that is what any of them may do; where they',
    'differ, the rows of all of them, but only what all of them may do with a row, for a row may be there by one of them alone.',
    'Exit code 1: the configuration has problems, or there is no such role.',
  ].join('\n'),
  flags: {
    config: CONFIG,
    role: {
      type: 'string',
      value: 'ROLE',
      doc: 'A role of the configuration; several are those of one caller',
      required: true,
      repeated: true,
    },
    json: { type: 'boolean', doc: 'Write JSON' },
  },
  async run(given, surroundings) {
    const opened = await openConfigured(textOf(given, 'config') ?? '', surroundings, () => unobserved);
    if (opened === undefined) return 1;
    await using gateway = opened.gateway;
    const { config } = opened;
    const roles = textsOf(given, 'role');
    const names = Object.keys(config.roles);
    const unknown = roles.find((role) => !names.includes(role));
    if (unknown !== undefined) {
      surroundings.complain(oneLine(`There is no role "${unknown}".${didYouMean(unknown, names)}`));
      return 1;
    }
    const created = createRights(gateway.catalog, config.roles, { limits: config.policy.query });
    const described = describeRights(created.rights.viewOfRoles(roles), gateway.catalog);
    if (config.access?.development === true) {
      surroundings.complain(
        'note: access.development is set, so everybody may do everything; roles do not count',
      );
    }
    for (const name of gateway.lacking) {
      surroundings.complain(
        oneLine(`note: source ${name} is down and cannot say what it has; it is left out`),
      );
    }
    if (given['json'] === true) surroundings.out(JSON.stringify({ roles, ...described }, null, 2));
    else for (const line of linesOf(roles, described)) surroundings.out(oneLine(line));
    return 0;
  },
};

function linesOf(roles: readonly string[], described: RightsDescription): readonly string[] {
  const { collections, operations, withheld } = described;
  return [
    `${roles.length === 1 ? 'role' : 'roles'} ${roles.join(', ')}`,
    ...collections.flatMap((collection) => ['', ...collectionLines(collection)]),
    '',
    `operations: ${listed(operations)}`,
    `not for ${roles.length === 1 ? 'it' : 'them'}: ${listed([...withheld.collections, ...withheld.operations])}`,
  ];
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

function collectionLines(collection: CollectionRights): readonly string[] {
  const { name, source, rows, claims, writes, watch, fields, hidden, relations, required, notes } =
    collection;
  const verbs = ['read', ...(watch ? ['watch'] : []), ...writes];
  const masked = fields.flatMap(({ path, mask }) => (mask === undefined ? [] : [`${path} (${mask})`]));
  const fixed = writes.length === 0 ? [] : fields.filter(isOnlyRead).map(({ path }) => path);
  const rest = (label: string, texts: readonly string[]): readonly string[] =>
    texts.length === 0 ? [] : [`  ${label.padEnd(10)} ${texts.join(', ')}`];
  return [
    `${name} (${source}): ${verbs.join(', ')}`,
    ...(rows.length === 0
      ? rest('rows', ['all'])
      : rows.map((text, i) => `  ${(i === 0 ? 'rows' : 'or').padEnd(10)} ${text}`)),
    ...rest('claims', claims),
    ...rest('key', collection.keyHidden ? ['hidden: no single rows'] : collection.key),
    ...rest(
      'fields',
      fields.map(({ path }) => path),
    ),
    ...rest('masked', masked),
    ...rest('read-only', fixed),
    ...rest('hidden', hidden),
    ...rest(
      'relations',
      relations.map(({ name: relation, to }) => (relation === to ? to : `${relation} (${to})`)),
    ),
    ...rest(
      'asked for',
      required.map((set) => set.join(' and ')),
    ),
    ...notes.map((note) => `  ${'note'.padEnd(10)} ${note}`),
  ];
}

function isOnlyRead({ mask, readOnly }: FieldRights): boolean {
  return readOnly === true && mask === undefined;
}
