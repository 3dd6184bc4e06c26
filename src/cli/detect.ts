// Knows: the command `detect`: what a file seems to be, why, and how to say so.
// Must not know: how it is found out.

import { diagnose } from '../codec/framing/damage.ts';
import { type Detection, detect as detected, type Scored } from '../codec/framing/detect.ts';
import type { RecordFormatOptions } from '../codec/framing/framing-of.ts';
import type { Layout } from '../codec/layout.ts';
import { Fault } from '../fault.ts';
import { type Command, type Flags, type Given, textOf } from './command.ts';
import { describedLayout } from './records/described.ts';
import { openInput } from './records/input.ts';
import { COPYBOOK_FLAGS } from './records/record-flags.ts';
import { firstBytesOf } from './records/sample.ts';
import { wrapped } from './records/text-table.ts';
import { told } from './records/told.ts';

const WIDTH = 100;
const SHOWN = 4;
const NAMED = 6;
const { copybook, charset: _charset, ...others } = COPYBOOK_FLAGS;
const FLAGS: Flags = { copybook: { ...copybook, required: false }, ...others };

export const detect: Command = {
  doc: [
    'Looks at the beginning of the file, with a copybook also at what its fields hold. Scores go from 0 to 1.',
    'Exit code 0: there is a best answer. Exit code 1: there is none, or the file cannot be read.',
  ].join('\n'),
  operands: {
    in: { value: 'FILE', doc: 'The file, packed by gzip or not; - for standard input', required: true },
  },
  flags: { ...FLAGS, json: { type: 'boolean', doc: 'As JSON' } },
  async run(given, { out, complain }) {
    const path = textOf(given, 'in') ?? '-';
    try {
      const input = await openInput(path);
      try {
        const { sample, fileSize } = await firstBytesOf(input);
        if (fileSize === 0)
          throw new Fault('not-found', `${path === '-' ? 'standard input' : path} is empty`, {
            code: 'empty-file',
          });
        const layout = given['copybook'] === undefined ? undefined : assumedLayout(given, sample, fileSize);
        const seen = layout === undefined ? { fileSize } : { fileSize, layout };
        const detection = detected(sample, seen);
        const findings = diagnose(sample, seen);
        if (given['json'] === true) out(JSON.stringify({ fileSize, ...detection, findings }, null, 2));
        else {
          out(shown(detection, given, path));
          for (const { message, evidence, hint } of findings) {
            out(
              ['', ...wrapped(`${message} (${evidence})`, WIDTH, ''), ...wrapped(hint, WIDTH, '  ')].join(
                '\n',
              ),
            );
          }
        }
        return detection.framings.length > 0 && detection.charsets.length > 0 ? 0 : 1;
      } finally {
        input.close();
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      complain(told(error, error.place.byteOffset === undefined ? undefined : path));
      return 1;
    }
  },
};

/** Files of mainframes have a usual charset; those of other compilers are read with the one that they seem to have. */
function assumedLayout(given: Given, sample: Uint8Array, fileSize: number): Layout {
  if ((textOf(given, 'dialect') ?? 'ibm') === 'ibm') return describedLayout(given);
  const charset = detected(sample, { fileSize }).charsets[0]?.options.charset ?? 'ascii';
  return describedLayout({ ...given, charset });
}

function shown({ framings, charsets }: Detection, given: Given, path: string): string {
  const [framing] = framings;
  const [charset] = charsets;
  const lines = [
    ...scored('Record format', framings, (options) => formatText(options)),
    '',
    ...scored('Character set', charsets, (options) => options.charset),
  ];
  if (framing === undefined || charset === undefined) return lines.join('\n');
  const name = charset.options.charset;
  const map = Object.entries(framing.options).map(([key, value]) => `${key}: ${yamlText(value)}`);
  return [
    ...lines,
    '',
    'In the configuration:',
    `  charset: ${yamlText(name)}`,
    `  records: { ${map.join(', ')} }`,
    '',
    'On the command line:',
    `  overpunch convert --copybook ${textOf(given, 'copybook') ?? 'FILE'} ${givenText(given)}--charset ${name} ${flagsText(framing.options)} ${path}`,
  ].join('\n');
}

function scored<T>(
  title: string,
  all: readonly Scored<T>[],
  text: (options: T) => string,
): readonly string[] {
  if (all.length === 0) return [`${title}: nothing speaks for any`];
  // Those that nothing tells apart stand together.
  const alike = Map.groupBy(all, ({ score, evidence }) => `${score.toFixed(2)} ${evidence}`);
  return [
    `${title}:`,
    ...[...alike.values()].slice(0, SHOWN).flatMap((guesses) => {
      const names = guesses.slice(0, NAMED).map(({ options }) => text(options));
      const more = guesses.length > NAMED ? ` and ${guesses.length - NAMED} more` : '';
      const [{ score, evidence } = { score: 0, evidence: '' }] = guesses;
      return [`  ${score.toFixed(2)}  ${names.join('; ')}${more}`, ...wrapped(evidence, WIDTH, '        ')];
    }),
  ];
}

function formatText({ format, ...more }: RecordFormatOptions): string {
  const settings = Object.entries(more).map(([key, value]) => `${key} ${yamlText(value)}`);
  return [format, ...settings].join(', ');
}

function yamlText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlText).join(', ')}]`;
  return typeof value === 'string' && !/^[\w-]+$/.test(value) ? JSON.stringify(value) : String(value);
}

/** What was said about the copybook goes for `convert`, too. */
function givenText(given: Given): string {
  const quoted = (word: string): string =>
    /^[\w./:=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  return Object.keys(others)
    .flatMap((flag) => {
      const value = given[flag];
      if (value === undefined) return [];
      if (value === true) return [`--${flag} `];
      return [value].flat().map((one) => `--${flag} ${quoted(one)} `);
    })
    .join('');
}

/** The flags of `convert` for the options, in `record-flags.ts`. */
function flagsText(options: RecordFormatOptions): string {
  const { format, length, slack, tail, rdw, inclusive, adjust, ends, variant, header, trailer, lengthFrom } =
    options;
  const flags: readonly (readonly [string, unknown])[] = [
    ['format', format],
    ['length', length],
    ['tail', tail],
    ['rdw', rdw],
    ['rdw-adjust', adjust],
    ['ends', ends?.join(',')],
    ['varseq', variant],
    ['header', header],
    ['trailer', trailer],
    ['length-from', lengthFrom === undefined ? undefined : JSON.stringify(lengthFrom)],
  ];
  return [
    ...flags.filter(([, value]) => value !== undefined).map(([flag, value]) => `--${flag} ${String(value)}`),
    ...(slack === true ? ['--slack'] : []),
    ...(inclusive === false ? ['--rdw-exclusive'] : []),
  ].join(' ');
}
