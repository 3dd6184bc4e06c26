// Stored procedures and functions of the stand-in: written in JavaScript, called by T-SQL.

import type { Kept } from './values.ts';

export interface ProcedureParameter {
  /** With the `@` in front. */
  readonly name: string;
  readonly declared: string;
  readonly output?: boolean;
}

/** What a procedure does on its way. */
export type Step =
  | { readonly kind: 'sql'; readonly sql: string; readonly values?: Readonly<Record<string, Kept>> }
  | {
      readonly kind: 'rows';
      readonly columns: readonly { readonly name: string; readonly declared: string }[];
      readonly rows: Iterable<readonly Kept[]>;
    }
  | { readonly kind: 'wait'; readonly seconds: number };

export interface Procedure {
  readonly schema: string;
  readonly name: string;
  readonly parameters: readonly ProcedureParameter[];
  /** `values`: by the name with the `@`; what is put there comes back through output parameters. */
  run(values: Map<string, Kept>): Iterable<Step>;
}

export interface ScalarFunction {
  readonly schema: string;
  readonly name: string;
  readonly parameters: readonly ProcedureParameter[];
  readonly returns: string;
  value(...given: readonly Kept[]): Kept;
}

export function placeOf({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${schema}.${name}`.toLowerCase();
}
