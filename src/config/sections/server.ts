// Knows: how the configuration says where the gateway listens and what it demands of HTTP.
// Must not know: servers.

import { z } from 'zod';

const tls = z
  .strictObject({
    certificate: z
      .string()
      .min(1)
      .describe('File with the certificate and its chain (PEM); read again when it changes'),
    key: z.string().min(1).describe('File with the private key (PEM); read again when it changes'),
    clients: z
      .strictObject({
        authorities: z
          .string()
          .min(1)
          .describe(
            'File with the certificates of who signs those of clients (PEM); read again when it changes',
          ),
        required: z
          .boolean()
          .default(false)
          .describe('Whether a connection without a client certificate is refused'),
      })
      .exactOptional()
      .describe('Certificates of clients'),
  })
  .describe('TLS; left out, plain HTTP: put a proxy in front that has it');

const cors = z
  .strictObject({
    origins: z.array(z.url()).min(1).describe('Pages that may ask: https://app.example.com'),
    credentials: z
      .boolean()
      .default(false)
      .describe('Whether browsers may send cookies and client certificates'),
    maxAgeS: z
      .int()
      .min(0)
      .max(86_400)
      .default(600)
      .describe('How long browsers keep the answer to their first question, in seconds'),
  })
  .describe('Pages of other origins that may ask from a browser; left out, none');

const ADDRESSES = [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()];

const address = z
  .string()
  .refine(
    (text) => ADDRESSES.some((form) => form.safeParse(text).success),
    'expected an IP address or a network: 10.0.0.0/8',
  );

export const server = z
  .strictObject({
    port: z
      .int()
      .min(0)
      .max(65_535)
      .exactOptional()
      .describe('Port to listen on; --port and the environment variable PORT go first. 4000 by default'),
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; --host goes first'),
    title: z.string().min(1).default('Overpunch').describe('Name of the API in its reference'),
    tls: tls.exactOptional(),
    cors: cors.exactOptional(),
    trustedProxies: z
      .array(address)
      .default([])
      .describe('Addresses and networks (10.0.0.0/8) whose X-Forwarded-For is believed'),
  })
  .prefault({})
  .describe('Where the gateway listens');

export type TlsOptions = z.output<typeof tls>;
