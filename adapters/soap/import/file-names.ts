// Knows: what the files of a saved copy are called, and how one of them refers to another.
// Must not know: disks, what stands in the documents beyond whether it is a WSDL or a schema.

import { isFileAddress, tellingParameters } from '../wsdl/address.ts';
import { type DocumentSet, documentsOf, type SourceDocument } from '../wsdl/documents.ts';
import { isNamed } from '../wsdl/references.ts';
import { INDEX } from '../wsdl/saved-copy.ts';
import { WSDL } from '../xml/namespaces.ts';

/** Endings of programs that answer with a WSDL: they say nothing of what is saved. */
const PROGRAMS = /\.(?:svc|asmx|aspx?|php|jsp|jws|do|cfc|cgi|pl|ashx)$/i;
const OWN_ENDING = /\.(?:wsdl|xsd|xml)$/i;
const MOST_CHARS = 80;

/**
 * A path below the folder for every document: only `A-Z a-z 0-9 . _ -` and `/`. What lies below the WSDL's own folder keeps its sub-folders,
 * all else is flat. The order of the documents decides who gets a name that two want, so the same documents always get the same names.
 */
export function fileNames(set: DocumentSet): ReadonlyMap<SourceDocument, string> {
  // Some disks do not tell capitals apart.
  const taken = new Set([INDEX]);
  return new Map(
    documentsOf(set).map((document) => {
      const name = distinctName(wantedName(document, set.main), taken);
      taken.add(name.toLowerCase());
      return [document, name];
    }),
  );
}

/** `types/a.xsd`, `types/a-2.xsd`. A name is not given where it is a folder of another, nor the other way round. */
function distinctName(wanted: string, taken: ReadonlySet<string>): string {
  const dot = wanted.lastIndexOf('.');
  let name = wanted;
  const collides = (one: string): boolean =>
    [...taken].some((other) => other === one || other.startsWith(`${one}/`) || one.startsWith(`${other}/`));
  for (let n = 2; collides(name.toLowerCase()); n++)
    name = `${wanted.slice(0, dot)}-${n}${wanted.slice(dot)}`;
  return name;
}

function wantedName(document: SourceDocument, main: SourceDocument): string {
  const url = new URL(document.url);
  const ending = isNamed(document.root, WSDL, 'definitions') ? '.wsdl' : '.xsd';
  const last = cleaned(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
  const stem = withoutDot(last.replace(PROGRAMS, '')) || (ending === '.wsdl' ? 'service' : 'schema');
  const told = isFileAddress(document.url) ? [] : tellingParameters(document.url);
  const values = told.map(([, value]) => cleaned(value)).filter((value) => value !== '');
  if (values.length === 0) {
    const folder = document === main ? '' : folderBelow(url, new URL(main.url));
    return `${folder}${ended(stem, ending)}`;
  }
  const [only = ''] = values;
  // `?xsd=types.xsd` names a file; `?xsd=1` only a number.
  if (values.length === 1 && OWN_ENDING.test(only)) return only.slice(-MOST_CHARS);
  return ended([stem.replace(OWN_ENDING, ''), ...values].join('-'), ending);
}

function ended(stem: string, ending: string): string {
  return OWN_ENDING.test(stem) ? stem.slice(-MOST_CHARS) : `${stem.slice(0, MOST_CHARS)}${ending}`;
}

/** `types/` for a document that lies there below the WSDL; empty for all others. */
function folderBelow(url: URL, main: URL): string {
  const own = main.pathname.slice(0, main.pathname.lastIndexOf('/') + 1);
  if (url.host !== main.host || url.protocol !== main.protocol || !url.pathname.startsWith(own)) return '';
  const steps = url.pathname.slice(own.length).split('/').slice(0, -1).map(cleaned).map(withoutDot);
  return steps
    .filter((step) => step !== '')
    .map((step) => `${step.slice(0, MOST_CHARS)}/`)
    .join('');
}

/** The plain characters of a step of a path, or of a value. A value may be a path itself: its last step counts. */
function cleaned(step: string): string {
  return decoded(step)
    .replace(/^.*[\\/]/, '')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]+|[.-]+$/g, '');
}

function withoutDot(name: string): string {
  return name.replace(/^\.+/, '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** From one file of the copy to another: `../types/a.xsd`. */
export function locationOf(from: string, to: string): string {
  const here = from.split('/').slice(0, -1);
  const there = to.split('/');
  let same = 0;
  while (same < here.length && same < there.length - 1 && here[same] === there[same]) same++;
  return [...here.slice(same).map(() => '..'), ...there.slice(same)].join('/');
}
