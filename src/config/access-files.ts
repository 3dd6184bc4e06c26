// Knows: the files that `access` names: more clients, keys of issuers; and that one which cannot be used as a whole is not used at all.
// Must not know: how credentials are checked.

import { resolve } from 'node:path';
import type { Clients } from '../auth/access.ts';
import { Fault } from '../fault.ts';
import { clientMistakes } from './access-problems.ts';
import type { Config } from './config.ts';
import { explain } from './explain.ts';
import { type Problem, problemText } from './problem.ts';
import { placedIn, readText } from './read-file.ts';
import { clientsDocument, clientsJsonSchema } from './sections/access.ts';
import { readYaml } from './yaml.ts';

export type ClientsReading =
  | { readonly clients: Clients; readonly problems: readonly [] }
  | { readonly clients?: undefined; readonly problems: readonly Problem[] };

type Known = Pick<Config, 'folder' | 'access' | 'roles' | 'server'>;

/** `file` is repeated in problems as given. Clients of the configuration itself count for what stands twice. */
export async function loadClients(
  file: string,
  { folder, access, roles, server }: Known,
): Promise<ClientsReading> {
  const text = await readText(resolve(folder, file));
  if (text.problem !== undefined) return { problems: [{ file, path: '', message: text.problem }] };
  const { yaml, problems } = readYaml(text.text);
  if (yaml === undefined) return { problems: problems.map((problem) => ({ file, path: '', ...problem })) };
  const problem = placedIn(file, yaml);
  const checked = clientsDocument.safeParse(yaml.data);
  if (!checked.success) {
    const validated = { data: yaml.data, schema: clientsJsonSchema(), adapters: [] };
    return {
      problems: explain(checked.error.issues, validated).map(({ path, of, message }) =>
        problem(path, message, of),
      ),
    };
  }
  const { clients } = checked.data;
  const others = access?.clients ?? {};
  const twice = Object.keys(clients).filter((name) => Object.hasOwn(others, name));
  const found = [
    ...twice.map((name) =>
      problem(['clients', name], 'expected another name: the configuration has this client', 'key'),
    ),
    ...clientMistakes({ ...others, ...clients }, roles, server.tls).flatMap(({ path, message }) =>
      Object.hasOwn(clients, String(path[0])) ? [problem(['clients', ...path], message)] : [],
    ),
  ];
  return found.length === 0 ? { clients, problems: [] } : { problems: found };
}

/** Tells of changes of files; resolves when none can be missed. */
type OnChange = (files: readonly string[], changed: () => void) => Promise<Disposable>;

/** What `createAuthenticate` needs of the outside. Its faults tell every problem with its place. */
export function accessFiles(config: Known, onChange: OnChange) {
  return {
    readClients: async (file: string): Promise<Clients> => {
      const { clients, problems } = await loadClients(file, config);
      if (clients !== undefined) return clients;
      throw unusable(problems.map(problemText).join('\n'));
    },
    readKeys: async (file: string): Promise<unknown> => {
      const { text, problem } = await readText(resolve(config.folder, file));
      if (text === undefined) throw unusable(`${file}: ${problem}`);
      try {
        return JSON.parse(text);
      } catch (error) {
        throw unusable(`${file}: expected a key set, JSON`, error);
      }
    },
    watch: (file: string, changed: () => void) => onChange([resolve(config.folder, file)], changed),
  };
}

function unusable(message: string, cause?: unknown): Fault {
  return new Fault('unavailable', message, { code: 'unusable-file', misconfigured: true, cause });
}
