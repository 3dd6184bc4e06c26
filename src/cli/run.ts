// Knows: how the words of a command line lead to a command, and what is said when they lead nowhere.
// Must not know: what the commands do.

import { didYouMean } from '../model/naming.ts';
import { type Command, helpOf, readFlags, type Surroundings, table, UsageError } from './command.ts';

/** Command name → what it does in one line, and how to load it. */
export type Commands = Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>
>;

/** Runs one command; returns its exit code: 0 done, 1 failed, 2 for a command line that makes no sense; a command may have more. */
export async function runCommand(
  args: readonly string[],
  commands: Commands,
  surroundings: Surroundings,
): Promise<number> {
  const { out, complain, version } = surroundings;
  const [name, ...rest] = args;
  if (name === undefined) {
    complain(overview(commands));
    return 2;
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    out(overview(commands));
    return 0;
  }
  if (name === '--version' || name === '-v') {
    out(version);
    return 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    const kind = name.startsWith('-') ? 'flag' : 'command';
    const words = [...Object.keys(commands), '--help', '--version'];
    complain(
      `There is no ${kind} "${name}".${didYouMean(name, words)} "overpunch --help" lists all commands.`,
    );
    return 2;
  }
  const command = await entry.load();
  try {
    const given = readFlags(rest, command.flags, command.operands);
    if (given['help'] === true) {
      out(helpOf(name, entry.summary, command));
      return 0;
    }
    return await command.run(given, surroundings);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const sentence = /[.?]$/.test(error.message) ? error.message : `${error.message}.`;
    complain(`${sentence} "overpunch ${name} --help" shows how it is used.`);
    return 2;
  }
}

function overview(commands: Commands): string {
  return [
    'Usage: overpunch COMMAND [FLAGS]',
    '',
    'GraphQL and REST for systems older than the web.',
    '',
    ...table(Object.entries(commands).map(([name, { summary }]) => [name, summary])),
    '',
    '"overpunch COMMAND --help" shows the flags of a command; "overpunch --version" the version.',
  ].join('\n');
}
