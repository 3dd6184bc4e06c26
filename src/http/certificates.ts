// Knows: the certificate, key and authorities of the listener as they are in their files now.
// Must not know: sockets, who clients are.

import { constants, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { Fault } from '../fault.ts';
import type { Observe } from '../observe.ts';

export interface TlsFiles {
  /** Absolute paths of PEM files. */
  readonly certificate: string;
  readonly key: string;
  /** Absent: clients are not asked for a certificate. */
  readonly clients?: { readonly authorities: string; readonly required: boolean };
}

export interface TlsParts {
  readonly files: TlsFiles;
  readonly observe: Observe;
  /** Calls back when one of the files has changed and nobody is writing them any more; resolves when no change can be missed. */
  readonly watch: (files: readonly string[], changed: () => void) => Promise<Disposable>;
}

/**
 * What the files hold, whole and fitting together. TLS 1.2 at least. A connection is verified in its own handshake: one that went on where an
 * earlier one ended would keep the word of an authority that is not trusted any more, so there are no tickets where clients show certificates.
 * Throws `unavailable`, misconfigured (`bad-certificate`), with the file that is wrong.
 */
export async function readCertificates({
  certificate,
  key,
  clients,
}: TlsFiles): Promise<SecureContextOptions> {
  const [cert, secret, ca] = await Promise.all([
    read(certificate),
    read(key),
    clients === undefined ? undefined : read(clients.authorities),
  ]);
  const options: SecureContextOptions = {
    cert,
    key: secret,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca, secureOptions: constants.SSL_OP_NO_TICKET }),
  };
  checkCertificate(certificate, cert);
  if (ca !== undefined && clients !== undefined) checkCertificate(clients.authorities, ca);
  try {
    createSecureContext(options);
  } catch (error) {
    throw unusable(`${key} is not the private key (PEM) of the certificate in ${certificate}`, error);
  }
  return options;
}

/** Reads the files again whenever they change. New ones that do not fit leave the old ones in use, and are told. */
export function watchCertificates(
  { files, observe, watch }: TlsParts,
  apply: (options: SecureContextOptions) => void,
): Promise<Disposable> {
  const { certificate, key, clients } = files;
  let last = Promise.resolve();
  return watch([certificate, key, ...(clients === undefined ? [] : [clients.authorities])], () => {
    last = last
      .then(async () => apply(await readCertificates(files)))
      .then(
        () => observe({ kind: 'reload', problems: 0, notes: [`${certificate} is in use`] }),
        (error: unknown) => {
          const why = error instanceof Fault ? error.message : 'the certificate cannot be used';
          observe({ kind: 'reload', problems: 1, notes: [why] });
        },
      );
  });
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw unusable(`${file} cannot be read`, error);
  }
}

/** OpenSSL takes no notice of an authority that it cannot read. */
function checkCertificate(file: string, pem: Buffer): void {
  try {
    new X509Certificate(pem);
  } catch (error) {
    throw unusable(`${file} holds no certificate (PEM)`, error);
  }
}

function unusable(message: string, cause: unknown): Fault {
  return new Fault('unavailable', message, { code: 'bad-certificate', misconfigured: true, cause });
}
