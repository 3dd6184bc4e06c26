// Knows: `overpunch import wsdl`: from an address to a saved copy that has been tried, and what is said about it.
// Must not know: how documents are fetched, named, rewritten and read; each of these has its own file.

import { defineImporter, Fault, type ImportAsk, type ImportHost } from '#spi';
import { ACCESS_FLAGS, accessFlags, isAccessGiven, textOf, usage } from './import/access-flags.ts';
import { downloading } from './import/download.ts';
import { fileNames, locationOf } from './import/file-names.ts';
import { openDownload, type SourceAccess } from './import/open-download.ts';
import { relocate } from './import/relocate.ts';
import { summaryOf } from './import/summary.ts';
import { copyPlace, sha256, writeCopy } from './import/write-copy.ts';
import { isFileAddress, shownAddress } from './wsdl/address.ts';
import { fetchFile, fileAddress, loadSaved } from './wsdl/disk.ts';
import { type DocumentSet, documentsOf, type SourceDocument } from './wsdl/documents.ts';
import { loadDocuments } from './wsdl/load.ts';
import { readWsdl } from './wsdl/read-wsdl.ts';
import { INDEX, type SavedCopy, savedCopyText } from './wsdl/saved-copy.ts';

export const importer = defineImporter<SourceAccess>({
  adapter: 'soap',
  doc: [
    'The gateway then starts from the copy, whether or not the service is there. Documents are saved byte for byte; only the locations by',
    'which they refer to each other are written anew. The same documents give the same copy, and an import into the folder of an earlier',
    'one replaces what that one wrote. Credentials are sent to the origin of URL only, never to another host that is imported from.',
    '',
    'Exit code 0: it is saved. Exit code 1: it failed; the folder is as it was. Exit code 2: the command line makes no sense.',
  ].join('\n'),
  target: { value: 'URL|FILE', doc: 'The WSDL: an address (often with ?wsdl at its end) or a file' },
  flags: {
    output: {
      type: 'string',
      short: 'o',
      value: 'FOLDER',
      doc: 'The folder of the copy, its own',
      required: true,
    },
    force: { type: 'boolean', doc: 'Write into FOLDER even if it holds what no import has written' },
    ...ACCESS_FLAGS,
  },
  run: importWsdl,
});

async function importWsdl(ask: ImportAsk<SourceAccess>): Promise<void> {
  const { given, host } = ask;
  const shown = textOf(given, 'output') ?? '';
  const url = addressOf(ask.target, host);
  // Before anything is fetched: who has to decide something is asked at once.
  const place = await copyPlace(host.path(shown), shown, given['force'] === true);
  const set = await fetched(url, ask);
  const names = fileNames(set);
  const copy = copyOf(set, names);
  const files = new Map(copy.files.map(({ file, bytes }) => [file, bytes]));
  const index = indexOf(set, names, copy);
  files.set(INDEX, new TextEncoder().encode(savedCopyText(index)));
  const wsdl = await writeCopy(place, files, shown, async (folder) =>
    readWsdl(await loadSaved(`${folder}/${index.main}`)),
  );
  host.out(summaryOf(index, wsdl, shown));
}

/** Credentials in an address would end up in logs and in the shell's history. */
function addressOf(target: string, host: ImportHost): string {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(target)) return fileAddress(host.path(target));
  if (!URL.canParse(target)) throw usage('URL is no address');
  const url = new URL(target);
  if (url.username !== '' || url.password !== '') {
    throw usage('Credentials do not stand in the address: --user NAME --password env:NAME|file:PATH');
  }
  if (!['http:', 'https:', 'file:'].includes(url.protocol)) {
    throw usage(`Addresses that begin with ${url.protocol} cannot be fetched`);
  }
  url.hash = '';
  return url.href;
}

async function fetched(url: string, ask: ImportAsk<SourceAccess>): Promise<DocumentSet> {
  const { configured, given, host } = ask;
  const flag = isAccessGiven(given);
  if (configured !== undefined && flag !== undefined)
    throw usage(`--${flag} and --source do not go together`);
  const origin = isFileAddress(url) ? '' : new URL(url).origin;
  await using opened = await openDownload(origin, configured ?? accessFlags(given), host);
  const download = downloading(opened);
  return await loadDocuments(url, async (one) => await (isFileAddress(one) ? fetchFile(one) : download(one)));
}

type Names = ReadonlyMap<SourceDocument, string>;

interface Copy {
  readonly files: readonly {
    readonly document: SourceDocument;
    readonly file: string;
    readonly bytes: Uint8Array;
  }[];
}

function copyOf(set: DocumentSet, names: Names): Copy {
  return {
    files: documentsOf(set).map((document) => {
      const file = nameOf(document, names);
      const bytes = relocate(document, (url) => {
        const target = set.byUrl.get(url);
        if (target === undefined)
          throw new Fault('internal', 'A reference leads to a document that was not loaded');
        return locationOf(file, nameOf(target, names));
      });
      return { document, file, bytes };
    }),
  };
}

function nameOf(document: SourceDocument, names: Names): string {
  const name = names.get(document);
  if (name === undefined) throw new Fault('internal', 'A document of a saved copy has no name');
  return name;
}

function indexOf({ main }: DocumentSet, names: Names, { files }: Copy): SavedCopy {
  return {
    import: 'wsdl',
    source: shownAddress(main.url, main.url),
    main: nameOf(main, names),
    files: files.map(({ document, file, bytes }) => ({
      file,
      source: shownAddress(document.url, main.url),
      sha256: sha256(bytes),
      ...(/;\s*charset=/i.test(document.contentType ?? '') ? { contentType: document.contentType } : {}),
    })),
  };
}
