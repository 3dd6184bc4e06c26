// Knows: THE schema of the configuration file: from it come the type, the validation, the JSON Schema for editors and
// the documentation.
// Must not know: YAML, files, what the adapters' options mean.

import { z } from 'zod';
import { MAX_DELAY_MS, policySchema } from '../policy.ts';
import type { AdapterDefinition } from '../spi.ts';
import { access } from './sections/access.ts';
import { freshness } from './sections/freshness.ts';
import { guards } from './sections/guards.ts';
import { limits, state } from './sections/limits.ts';
import { roles } from './sections/roles.ts';
import { server } from './sections/server.ts';
import { telemetry } from './sections/telemetry.ts';

const relation = z
  .strictObject({
    to: z.string().min(1).describe('Collection that the relation leads to'),
    on: z
      .record(z.string(), z.string().min(1))
      .describe('Fields that are equal: field of the first collection → field of the other'),
    inverse: z
      .string()
      .min(1)
      .exactOptional()
      .describe('Name of the way back; by default the name of the collection, or of one row of it'),
  })
  .describe('Both directions become fields');

/** Members of every source, beside the options of its adapter. */
function common(adapter: string) {
  return {
    adapter: z.literal(adapter).describe('What kind of system the source is'),
    timeoutMs: z
      .int()
      .min(1)
      .max(MAX_DELAY_MS)
      .exactOptional()
      .describe('Longest wait for one answer of this source, in milliseconds; by default as in the policy'),
    guards: guards.exactOptional(),
  };
}

function sourceSchema({ options, name }: AdapterDefinition) {
  if (!isObjectSchema(options)) throw new TypeError(`The options of adapter ${name} must be a zod object`);
  return options.safeExtend(common(name));
}

/** An adapter's members are its own affair; what is said of all sources stands in `common`. */
function isObjectSchema(schema: z.ZodType): schema is z.ZodObject<Record<never, z.ZodType>, z.core.$strict> {
  return schema instanceof z.ZodObject;
}

/** Sources have the options of the adapters given here; `adapter` tells which. */
export function configSchema(definitions: readonly AdapterDefinition[]) {
  const [first, ...others] = definitions.map(sourceSchema);
  const source =
    first === undefined
      ? z.looseObject({ ...common(''), adapter: z.never() })
      : z.discriminatedUnion('adapter', [first, ...others]);
  return z
    .strictObject({
      sources: z
        .record(
          z.string().regex(/^[A-Za-z][\w-]*$/, 'expected a name of letters, digits, - and _, a letter first'),
          source.describe('A source and how its adapter reaches it'),
        )
        .refine((sources) => Object.keys(sources).length > 0, 'expected at least one source')
        .describe('Source name → adapter and its options'),
      relations: z
        .record(z.string(), relation)
        .default({})
        .describe('"collection.field" → where this new field leads'),
      server,
      access: access.exactOptional(),
      roles,
      limits,
      freshness,
      telemetry,
      state: state.exactOptional(),
      policy: policySchema,
    })
    .describe('Configuration of Overpunch');
}

export type ConfigDocument = z.output<ReturnType<typeof configSchema>>;

/** For editors: `schemas/overpunch.schema.json`. */
export function configJsonSchema(definitions: readonly AdapterDefinition[]): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(configSchema(definitions), { io: 'input', unrepresentable: 'any', reused: 'inline' });
}
