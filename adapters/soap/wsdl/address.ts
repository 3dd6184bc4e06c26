// Knows: addresses of documents: how a location becomes one, and how one is shown without what may be secret in it.
// Must not know: what stands behind them.

/** Absolute, without a fragment; undefined for what is no address. RFC 3986, section 5. */
export function resolveAddress(location: string, base: string): string | undefined {
  // XML Schema's anyURI has its white space collapsed (part 2, section 3.2.17).
  const trimmed = location.trim();
  if (!URL.canParse(trimmed, base)) return undefined;
  const url = new URL(trimmed, base);
  url.hash = '';
  return url.href;
}

export function isFileAddress(url: string): boolean {
  return url.startsWith('file:');
}

/** Parameters that toolkits tell the parts of a WSDL apart by; their values are no secrets. */
const TELLING = /^(?:single)?(?:wsdl|xsd|schema)\d*$|^(?:file|path|name|part|ns|namespace|version|v)$/i;

/** The parameters of an address that may be shown, in order. */
export function tellingParameters(url: string): readonly (readonly [name: string, value: string])[] {
  return [...new URL(url).searchParams].filter(([name]) => TELLING.test(name));
}

/**
 * An address for people and for files: without credentials, and of its parameters only those that tell documents apart; the values of all
 * others could be secrets and are `…`. A file is shown by its path relative to the folder of the WSDL.
 */
export function shownAddress(url: string, main: string): string {
  if (isFileAddress(url)) return relativePath(new URL('.', main).href, url);
  const parsed = new URL(url);
  const query = parsed.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = ''] = pair.split('=');
      return TELLING.test(name) ? pair : `${name}=…`;
    });
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

/** From a folder (its address ends with `/`) to a file: `types/a.xsd`, `../a.xsd`. */
function relativePath(folder: string, file: string): string {
  const from = folder.split('/').slice(0, -1);
  const to = file.split('/');
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++;
  const steps = [...from.slice(same).map(() => '..'), ...to.slice(same)];
  return steps.map(decoded).join('/');
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
