// The constants of the stand-in.

import { DB_TYPES, type DbType } from '../../../adapters/oracle/driver-module.ts';

export const TYPES = Object.fromEntries(DB_TYPES.map((name) => [name, { name }])) as {
  readonly [name in (typeof DB_TYPES)[number]]: DbType;
};
export const CONSTANTS = { OUT_FORMAT_ARRAY: 4001, BIND_IN: 3001, BIND_INOUT: 3002, BIND_OUT: 3003 };
