// Knows: operations as root fields.
// Must not know: who calls them, how values are read.

import type { GraphQLFieldConfig } from 'graphql';
import { Fault } from '../fault.ts';
import type { CatalogOperation } from '../model/catalog.ts';
import { contextOf, type GraphqlContext } from './context.ts';
import type { Arguments } from './input-values.ts';
import type { OutputTypes } from './output-types.ts';
import { readFields, type ValueInputs } from './value-inputs.ts';

/** The root field of an operation. */
export function operationField(
  operation: CatalogOperation,
  inputs: ValueInputs,
  outputs: OutputTypes,
): GraphQLFieldConfig<unknown, GraphqlContext> {
  return {
    type: outputs.output(operation.output),
    description: docText(operation),
    args: inputs.fields(operation.input),
    async resolve(_source, args: Arguments, context) {
      if (context.invoke === undefined) {
        throw new Fault('unsupported', `"${operation.name}" cannot be called here`, {
          source: operation.source,
        });
      }
      return context.invoke(operation.name, readFields(operation.input, args, ''), contextOf(context));
    },
  };
}

function docText({ doc, legacyName }: CatalogOperation): string | undefined {
  const lines = [doc ?? '', legacyName === undefined ? '' : `\`${legacyName}\``].filter(
    (line) => line !== '',
  );
  return lines.length === 0 ? undefined : lines.join('\n');
}
