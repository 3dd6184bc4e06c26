// Knows: the command `layout`: offsets and sizes of a copybook, or its types in other languages.
// Must not know: how they are worked out.

import { type DateSuggestion, suggestDates } from '../codec/cobol-layout/date-suggestions.ts';
import { layoutReport, type ReportLine } from '../codec/cobol-layout/layout-report.ts';
import type { Layout } from '../codec/layout.ts';
import { Fault } from '../fault.ts';
import type { ObjectType } from '../model/type.ts';
import { type Command, UsageError } from './command.ts';
import { describedLayout } from './records/described.ts';
import { COPYBOOK_FLAGS, FORMAT_FLAGS } from './records/record-flags.ts';
import { textTable } from './records/text-table.ts';
import { told } from './records/told.ts';

const FORMS = ['json', 'typescript', 'json-schema', 'graphql'] as const;

export const layout: Command = {
  doc: 'Offsets count from the first byte of the record, every table at its maximum. Exit code 1: the copybook cannot be laid out.',
  flags: {
    ...COPYBOOK_FLAGS,
    format: FORMAT_FLAGS.format,
    json: { type: 'boolean', doc: 'As JSON: every item and the dates that are suggested' },
    typescript: { type: 'boolean', doc: 'The JSON of a row as TypeScript' },
    'json-schema': { type: 'boolean', doc: 'The JSON of a row as JSON Schema' },
    graphql: { type: 'boolean', doc: 'A row as GraphQL types' },
  },
  async run(given, { out, complain }) {
    const [form, ...more] = FORMS.filter((one) => given[one] === true);
    if (more.length > 0) throw new UsageError(`--${form} and --${more.join(', --')} do not go together`);
    try {
      out(await written(describedLayout(given), form));
      return 0;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      complain(told(error));
      return 1;
    }
  },
};

async function written(described: Layout, form: (typeof FORMS)[number] | undefined): Promise<string> {
  const { name, fields } = described;
  const row: ObjectType = { kind: 'object', name, fields };
  switch (form) {
    case 'json': {
      const { charset, length, minLength } = described;
      const items = layoutReport(described);
      return JSON.stringify(
        { name, charset, length, minLength, items, dates: suggestDates(described) },
        null,
        2,
      );
    }
    case 'typescript':
      return (await import('./records/typescript.ts')).typescriptOf(row);
    case 'json-schema':
      return JSON.stringify((await import('./records/row-schema.ts')).rowSchemaOf(name, fields), null, 2);
    case 'graphql':
      return (await import('../graphql/row-types.ts')).rowTypesText(row).trimEnd();
    case undefined:
      return report(described);
  }
}

function report(described: Layout): string {
  const { name, charset, length, minLength } = described;
  const bytes = minLength === length ? `${length} bytes` : `${minLength} to ${length} bytes`;
  const suggestions = suggestDates(described);
  return [
    `${name}: ${bytes}, ${charset}`,
    ...textTable(
      [
        { heading: 'offset', most: 8, right: true },
        { heading: 'bytes', most: 7, right: true },
        { heading: 'item', most: 36 },
        { heading: 'picture', most: 26 },
        { heading: 'line', most: 6, right: true },
        { heading: 'field', most: 80 },
      ],
      layoutReport(described).map(cells),
    ),
    ...(suggestions.length === 0
      ? []
      : ['', 'Perhaps dates (add what is right):', ...suggestions.map(suggested)]),
  ].join('\n');
}

function cells(line: ReportLine): readonly string[] {
  const { offset, length, depth, legacyName, kind, text, occurs, alternate } = line;
  const many = occurs === undefined ? '' : ` (${timesText(occurs)})`;
  const named = legacyName === '' ? `<${kind === 'slack' ? 'slack' : text}>` : legacyName;
  return [
    String(offset),
    String(length),
    `${'  '.repeat(depth)}${named}${many}`,
    `${alternate === true ? '= ' : ''}${text}`,
    line.line === undefined ? '' : String(line.line),
    kind === 'filler' || kind === 'slack' ? '' : line.path,
  ];
}

function timesText({ min, max, dependingOn }: NonNullable<ReportLine['occurs']>): string {
  return dependingOn === undefined ? `${max} times` : `${min} to ${max}, ${dependingOn}`;
}

function suggested({ path, legacyName, date, noDate = [], reason }: DateSuggestion): string {
  const name = legacyName === '' ? path : legacyName;
  const settings = [`date=${date}`, ...noDate.map((word) => `no-date=${word}`)];
  return `  ${settings.map((setting) => `--field ${name}:${setting}`).join(' ')}   (${reason})`;
}
