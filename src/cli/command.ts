// Knows: what a command of the command line is, how its arguments are read and its help is written.
// Must not know: which commands there are and what they do.

import { parseArgs } from 'node:util';
import { didYouMean } from '../model/naming.ts';

export interface Flag {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What stands for the value in the help: `FILE`. */
  readonly value?: string;
  readonly doc: string;
  readonly required?: boolean;
  /** May be given several times; its value is then a list. */
  readonly repeated?: boolean;
}

export type Flags = Readonly<Record<string, Flag>>;

/** A word that stands for itself, without a flag before it. */
export interface Operand {
  /** What stands for it in the help: `IN`. */
  readonly value: string;
  readonly doc: string;
  readonly required?: boolean;
}

/** In the order in which they are given. Their names differ from those of the flags. */
export type Operands = Readonly<Record<string, Operand>>;

/** The flags and operands that were given. */
export type Given = Readonly<Record<string, string | true | readonly string[] | undefined>>;

/** Where a command writes to and what surrounds it. */
export interface Surroundings {
  /** What the command was asked for: standard output. */
  out(text: string): void;
  /** What went wrong: standard error. */
  complain(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
}

export interface Command {
  /** More for the help of this command. */
  readonly doc?: string;
  readonly flags: Flags;
  readonly operands?: Operands;
  /** Returns the exit code: 0 done, 1 failed; what else there is, its own help says. Throws `UsageError` for arguments that make no sense. */
  run(given: Given, surroundings: Surroundings): Promise<number>;
}

/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {}

const HELP: Flags = { help: { type: 'boolean', short: 'h', doc: 'Show this help' } };

/** Arguments behind the command's name → its flags and operands. Throws `UsageError` with the nearest flag. */
export function readFlags(args: readonly string[], own: Flags, operands: Operands = {}): Given {
  const flags = { ...own, ...HELP };
  // Not strict, because the strict reading says what is wrong in its message only.
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(flags).map(([name, { type, short }]) => [
        name,
        { type, ...(short === undefined ? {} : { short }) },
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const given = new Map<string, string | true | readonly string[]>();
  const wanted = Object.keys(operands);
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      const name = wanted.shift();
      if (name === undefined || token.value === '') {
        throw new UsageError(`"${token.value}" was not expected here`);
      }
      given.set(name, token.value);
      continue;
    }
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (flag === undefined) {
      const names = Object.keys(flags).map((name) => `--${name}`);
      throw new UsageError(`There is no flag "${token.rawName}".${didYouMean(token.rawName, names)}`);
    }
    if (given.has(token.name) && flag.repeated !== true)
      throw new UsageError(`${token.rawName} is given twice`);
    if (flag.type === 'boolean') {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      given.set(token.name, true);
    } else {
      // `-c --port 80` lacks a file; a value that begins with a dash is given as `--config=-x`. A dash alone stands for a stream.
      const lacking = token.value === undefined || (!token.inlineValue && /^-./.test(token.value));
      if (lacking || token.value === '') {
        throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${flag.value ?? 'VALUE'}`);
      }
      const value = token.value ?? '';
      given.set(token.name, flag.repeated === true ? [...textsIn(given.get(token.name)), value] : value);
    }
  }
  if (!given.has('help')) {
    for (const [name, flag] of Object.entries(flags)) {
      if (flag.required === true && !given.has(name))
        throw new UsageError(`${written(name, flag)} is missing`);
    }
    const missing = wanted.find((name) => operands[name]?.required === true);
    if (missing !== undefined) throw new UsageError(`${operands[missing]?.value} is missing`);
  }
  return Object.fromEntries(given);
}

/** The value of a flag that has one. */
export function textOf(given: Given, name: string): string | undefined {
  const value = given[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of a flag that may be given several times. */
export function textsOf(given: Given, name: string): readonly string[] {
  return textsIn(given[name]);
}

function textsIn(value: Given[string]): readonly string[] {
  return typeof value === 'object' ? value : [];
}

/** `-c, --config FILE`. */
function written(name: string, { short, value, type }: Flag): string {
  const both = short === undefined ? `--${name}` : `-${short}, --${name}`;
  return type === 'boolean' ? both : `${both} ${value ?? 'VALUE'}`;
}

export function helpOf(name: string, summary: string, command: Command): string {
  const flags = { ...command.flags, ...HELP };
  const operands = Object.values(command.operands ?? {});
  const own = Object.entries(command.flags);
  const usage = [
    ...own.filter(([, { required }]) => required === true || own.length <= SHOWN_FLAGS).map(shortly),
    ...(own.length <= SHOWN_FLAGS ? [] : ['[FLAGS]']),
    ...operands.map(({ value, required }) => (required === true ? value : `[${value}]`)),
  ];
  return [
    `Usage: overpunch ${[name, ...usage].join(' ')}`,
    '',
    ...(command.doc === undefined ? [summary] : [summary, '', command.doc]),
    '',
    ...table([
      ...operands.map(({ value, doc }) => [value, doc] as const),
      ...Object.entries(flags).map(([long, flag]) => [written(long, flag), flag.doc] as const),
    ]),
  ].join('\n');
}

/** A command with more flags than these shows in its first line only those that must be there. */
const SHOWN_FLAGS = 8;

/** `-c FILE`, `[--port N]`, `[--copy DIR]…`. */
function shortly([long, { short, value, required, repeated }]: readonly [string, Flag]): string {
  const flag = `${short === undefined ? `--${long}` : `-${short}`}${value === undefined ? '' : ` ${value}`}`;
  return `${required === true ? flag : `[${flag}]`}${repeated === true ? '…' : ''}`;
}

/** Two columns; the left one takes the width that it needs. */
export function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
