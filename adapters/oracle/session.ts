// Knows: what every session is set to, and as which statements.
// Must not know: connections. Written as text: Kysely has no words for ALTER SESSION.

/** What a configuration may set; what comparing and reading rely on is ours. */
export const SETTINGS = [
  'nls_date_format',
  'nls_timestamp_format',
  'nls_timestamp_tz_format',
  'nls_date_language',
  'nls_language',
  'nls_territory',
  'nls_currency',
  'nls_iso_currency',
  'nls_length_semantics',
  'nls_nchar_conv_excp',
  'current_schema',
  'optimizer_mode',
  'cursor_sharing',
  'ddl_lock_timeout',
  'statistics_level',
  'result_cache_mode',
] as const;
export type Setting = (typeof SETTINGS)[number];

/**
 * Texts compare by their bytes, decimals are written with a point, moments are those of UTC and of our calendar. Last, because a
 * territory or a language sets some of them too.
 */
const OURS = `alter session set nls_sort = 'BINARY' nls_comp = 'BINARY' nls_numeric_characters = '.,' nls_calendar = 'GREGORIAN' time_zone = '+00:00'`;

const WORDS: ReadonlySet<Setting> = new Set([
  'optimizer_mode',
  'cursor_sharing',
  'ddl_lock_timeout',
  'statistics_level',
  'result_cache_mode',
]);

/** Undefined: a value that cannot be one. */
export function settingText(name: Setting, value: string): string | undefined {
  if (/[\0\r\n]/.test(value) || value === '') return undefined;
  if (WORDS.has(name)) return /^[A-Za-z0-9_]+$/.test(value) ? `${name} = ${value}` : undefined;
  if (name === 'current_schema') return value.includes('"') ? undefined : `${name} = "${value}"`;
  return `${name} = '${value.replaceAll("'", "''")}'`;
}

/** In their order. Values must have passed `settingText`. */
export function sessionStatements(
  settings: { readonly [name in Setting]?: string | undefined },
): readonly string[] {
  const texts = SETTINGS.flatMap((name) => {
    const value = settings[name];
    return (value === undefined ? undefined : settingText(name, value)) ?? [];
  });
  return [...texts.map((text) => `alter session set ${text}`), OURS];
}
