// Knows: the parse configs of the library fixed-width-parser as they stand in a file, and that the library accepts them.
// Must not know: what they mean in bytes (parse-map).

import { createRequire } from 'node:module';
import type { ParseConfigInput } from 'fixed-width-parser';
import { z } from 'zod';
import { Fault, type FaultDetail } from '#spi';

const parseConfig = z.strictObject({
  type: z.enum(['string', 'int', 'float', 'bool', 'date', 'skip']).default('string'),
  name: z.string().min(1).optional(),
  width: z.int().max(65_536).optional(),
  start: z.int().min(0).max(16_777_216),
  level: z.string().optional(),
  padPosition: z.enum(['start', 'end']).default('start'),
  padChar: z.string().optional(),
  padString: z.string().optional(),
  default: z.union([z.string(), z.number()]).optional(),
  truncate: z.boolean().optional(),
  falsyFallback: z.enum(['undefined', 'null', 'passthrough']).optional(),
  radix: z.int().min(2).max(36).optional(),
  mend: z.enum(['ceil', 'floor', 'round', 'error']).optional(),
  insertDecimal: z.boolean().default(true),
  decimalCount: z.int().min(0).default(2),
  fixedWidthFormat: z.string().optional(),
  jsonFormat: z.string().optional(),
  tryParsingRawValueBeforeFallback: z.boolean().optional(),
  trueValue: z.string().optional(),
  falseValue: z.string().optional(),
});

export type ParseConfig = z.infer<typeof parseConfig>;

/**
 * Reads the JSON text of an array of parse configs. Throws a misconfigured `invalid` Fault that lists every mistake with
 * `file` and the config's index, the first is 0.
 */
export function readConfigs(text: string, file: string): readonly ParseConfig[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refused(file, [{ message: `${file} is no JSON: ${error instanceof Error ? error.message : ''}` }]);
  }
  const read = z.array(parseConfig).safeParse(json);
  if (!read.success) {
    throw refused(
      file,
      read.error.issues.map(({ path: [index, ...rest], message }) => ({
        message: `${file}${index === undefined ? '' : `, config ${String(index)}`}: ${rest.length === 0 ? '' : `${rest.join('.')}: `}${message}`,
      })),
    );
  }
  const configs = read.data;
  validateByLibrary(configs, file);
  const nameless = configs.flatMap((config, index) =>
    config.type !== 'skip' && config.name === undefined
      ? [
          detail(
            file,
            index,
            undefined,
            'A field needs a name; columns that are not wanted have the type "skip"',
          ),
        ]
      : [],
  );
  if (nameless.length > 0) throw refused(file, nameless);
  return configs;
}

/** Loaded when first needed: it brings some three hundred modules along, which threads that scan other files would wait for, too. */
const load = createRequire(import.meta.url);

/** The library's constructor is the judge of a parse config; it sorts and completes what it is given, hence the copies. */
function validateByLibrary(configs: readonly ParseConfig[], file: string): void {
  const { FixedWidthParser }: typeof import('fixed-width-parser') = load('fixed-width-parser');
  const copies = configs.map((config) => libraryConfig(config));
  try {
    new FixedWidthParser([...copies], undefined, { warn: () => {} });
  } catch (thrown) {
    const problems = Array.isArray(thrown)
      ? thrown.flatMap(({ config, errors }: { config: ParseConfigInput; errors: readonly string[] }) =>
          errors.map((message) => detail(file, copies.indexOf(config), config.name, message)),
        )
      : [
          {
            message: `${file}: ${thrown instanceof Error ? thrown.message : 'the parse configs are not valid'}`,
          },
        ];
    throw refused(file, problems);
  }
}

/** The config as the library takes it: what the README of the library calls `padString` is `padChar` in its code. */
function libraryConfig({
  padString,
  padChar = padString,
  width = 0,
  ...rest
}: ParseConfig): ParseConfigInput {
  const defined = Object.entries({ ...rest, padChar }).filter(([, value]) => value !== undefined);
  return { width, start: rest.start, ...Object.fromEntries(defined) };
}

export function detail(
  file: string,
  index: number,
  name: string | undefined,
  message: string,
  hint?: string,
): FaultDetail {
  const which = `config ${index}${name === undefined ? '' : ` ("${name.slice(0, 100)}")`}`;
  return { message: `${file}, ${which}: ${message}`, ...(hint === undefined ? {} : { hint }) };
}

export function refused(file: string, problems: readonly FaultDetail[]): Fault {
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new Fault('invalid', `${first?.message ?? file}${more}`, {
    code: 'bad-parse-map',
    misconfigured: true,
    errors: problems,
    ...(first?.hint === undefined ? {} : { hint: first.hint }),
  });
}
