// Knows: what the driver makes of decimals and moments in result sets that no statement of ours selects, and how that is undone without
// a loss; where a digit may be lost already, that is a fault.
// Must not know: statements, connections.

import sql, { type ISqlTypeFactory } from 'mssql';
import { Fault } from '#spi';

/** A column of a result set, as the driver describes it. */
export interface DriverColumn {
  readonly name: string;
  readonly type?: ISqlTypeFactory | (() => ISqlTypeFactory);
  readonly scale?: number;
}

/** Numbers of 64 bits keep so many digits of a decimal. */
const KEPT_DIGITS = 15;

type Plain = (value: unknown) => unknown;

export function plainCell({ name, type, scale }: DriverColumn): Plain {
  switch (type) {
    case sql.Decimal:
    case sql.Numeric:
      return (value) => (typeof value === 'number' ? digits(value, scale ?? 0, name) : value);
    case sql.Money:
    case sql.SmallMoney:
      return (value) => (typeof value === 'number' ? digits(value, 4, name) : value);
    case sql.Date:
      return (value) => momentOf(value, (text) => text.slice(0, 10));
    case sql.Time:
      return (value) => momentOf(value, (text) => text.slice(11));
    case sql.DateTimeOffset:
      return (value) => momentOf(value, (text) => `${text.replace('T', ' ')} +00:00`);
    case sql.DateTime:
    case sql.DateTime2:
    case sql.SmallDateTime:
      return (value) => momentOf(value, (text) => text.replace('T', ' '));
    default:
      return (value) => value;
  }
}

function digits(value: number, scale: number, column: string): string {
  if (Math.abs(value) * 10 ** scale < 10 ** KEPT_DIGITS) return value.toFixed(scale);
  throw new Fault(
    'unsupported',
    `Column "${column}" has a number of more than ${KEPT_DIGITS} digits, which the driver rounds`,
    { code: 'rounded-decimal', hint: 'Let the procedure answer with it as a text: CONVERT(varchar(41), …).' },
  );
}

/** The driver has the milliseconds in a Date, and beside it the part of a second that goes beyond them. */
function momentOf(value: unknown, form: (text: string) => string): unknown {
  if (!(value instanceof Date)) return value;
  const beyond = 'nanosecondsDelta' in value ? Number(value.nanosecondsDelta) : 0;
  const ticks = Math.round(beyond * 1e7);
  const text = value.toISOString();
  return form(`${text.slice(0, -1)}${String(ticks).padStart(4, '0')}`);
}
