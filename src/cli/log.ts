// Knows: how the log is written: JSON lines for machines, short lines for a terminal. Nothing leaves unredacted.
// Must not know: what happened; `logLine` says it.

import { oneLine } from '../config/problem.ts';
import type { Secrets } from '../config/secrets.ts';
import { isDetail, type LogLevel, type LogLine, logLine, type Observe } from '../observe.ts';

export interface LogTarget {
  /** A person is reading. */
  readonly terminal: boolean;
  write(text: string): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogThreshold = (typeof LEVELS)[number];

/** The word of the environment variable OVERPUNCH_LOG; if it is none of the levels, that of the configuration. */
export function logThreshold(word: string | undefined, configured: LogThreshold = 'info'): LogThreshold {
  return LEVELS.find((level) => level === word) ?? configured;
}

/** A sink that writes everything from the level `from` up. */
export async function createLog(target: LogTarget, from: LogThreshold, secrets: Secrets): Promise<Observe> {
  const write = (text: string): void => target.write(secrets.redact(text));
  const least = LEVELS.indexOf(from);
  const grave = (level: LogLevel): boolean => LEVELS.indexOf(level) >= least;
  const brief = !grave('debug');
  if (target.terminal) {
    return (observation) => {
      if (brief && isDetail(observation)) return;
      const line = logLine(observation);
      if (line !== undefined && grave(line.level)) write(readable(line));
    };
  }
  const { pino, stdTimeFunctions } = await import('pino');
  const log = pino(
    {
      level: from,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      base: { service: 'overpunch' },
    },
    { write },
  );
  return (observation) => {
    if (brief && isDetail(observation)) return;
    const line = logLine(observation);
    if (line !== undefined && grave(line.level)) log[line.level](line.fields, line.message);
  };
}

const RED = '\u001b[31m';
const YELLOW = '\u001b[33m';
const DIM = '\u001b[2m';
const PLAIN = '\u001b[0m';
const COLOURS: Readonly<Record<LogLevel, string>> = { debug: DIM, info: '', warn: YELLOW, error: RED };

/** `12:34:56 warn  source ledger is down: …`, and the stack of our own bugs. */
function readable({ level, message, fields }: LogLine): string {
  const time = Temporal.Now.plainTimeISO().toString({ smallestUnit: 'second' });
  const { cause } = fields;
  const stack =
    typeof cause === 'object' && cause !== null && 'stack' in cause ? `\n${String(cause.stack)}` : '';
  return `${DIM}${time}${PLAIN} ${COLOURS[level]}${level.padEnd(5)} ${oneLine(message)}${PLAIN}${stack}\n`;
}
