// Knows: which moment the driver means by a JavaScript Date, for values that could not be selected as text: the columns of a cursor.
// Must not know: statements, columns. The driver makes it of the parts in the zone of the process, down to milliseconds.

import { Fault } from '#spi';

const HOUR_MS = 3_600_000;

/** `2024-02-29T10:00:00.125`. A Fault where clocks are put forward: such a time may have been another. */
export function localMoment(date: Date): string | Fault {
  const before = new Date(date.getTime() - HOUR_MS);
  if (before.getTimezoneOffset() !== date.getTimezoneOffset()) {
    return unclear(
      'The driver cannot tell the time of a value, because clocks change then',
      'Run the gateway with TZ=UTC.',
    );
  }
  const two = (part: number): string => String(part).padStart(2, '0');
  const year = String(date.getFullYear()).padStart(4, '0');
  const day = `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day}T${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

export function instant(date: Date): string {
  return date.toISOString();
}

/** Digits of a second that the driver keeps. */
export const DRIVER_DIGITS = 3;

export function tooFine(): Fault {
  return unclear(
    'The driver gives fractions of a second from a cursor to milliseconds only, and the column has finer ones',
    'Let the routine give it as text, or as TIMESTAMP(3).',
  );
}

function unclear(message: string, hint: string): Fault {
  return new Fault('unsupported', message, { code: 'unclear-moment', hint });
}
