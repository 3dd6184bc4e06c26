// Knows: how the words of a command line lead to a command, and what is said when they lead nowhere.
// Must not know: what the commands do.

import { didYouMean } from '../model/naming.ts';
import { type Command, helpOf, readFlags, type Surroundings, table, UsageError } from './command.ts';

/** Command name → what it does in one line, and how to load it. */
export type Commands = Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<Command | CommandGroup> }>
>;

/** A command with commands of its own: `import wsdl`. */
export interface CommandGroup {
  /** What stands for the second word in the help: `KIND`. */
  readonly value: string;
  /** Each is loaded when it is named. */
  readonly commands: Commands;
}

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
  if ('commands' in command) return await runGroup(name, entry.summary, command, rest, surroundings);
  return await runOne(name, entry.summary, command, rest, surroundings);
}

async function runGroup(
  name: string,
  summary: string,
  { value, commands }: CommandGroup,
  [kind, ...rest]: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const help = [
    `Usage: overpunch ${name} ${value} [FLAGS]`,
    '',
    summary,
    '',
    ...table(Object.entries(commands).map(([word, entry]) => [word, entry.summary])),
    '',
    `"overpunch ${name} ${value} --help" shows the flags.`,
  ].join('\n');
  if (kind === undefined) {
    surroundings.complain(help);
    return 2;
  }
  if (kind === '--help' || kind === '-h') {
    surroundings.out(help);
    return 0;
  }
  const entry = Object.hasOwn(commands, kind) ? commands[kind] : undefined;
  const command = await entry?.load();
  if (entry === undefined || command === undefined || 'commands' in command) {
    const near = didYouMean(kind, Object.keys(commands));
    surroundings.complain(
      `There is no "${name} ${kind}".${near} "overpunch ${name} --help" lists what there is.`,
    );
    return 2;
  }
  return await runOne(`${name} ${kind}`, entry.summary, command, rest, surroundings);
}

async function runOne(
  name: string,
  summary: string,
  command: Command,
  args: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  const { out, complain } = surroundings;
  try {
    const given = readFlags(args, command.flags, command.operands);
    if (given['help'] === true) {
      out(helpOf(name, summary, command));
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
