// Knows: how the configuration says who watches the gateway.
// Must not know: metrics, traces, files.

import { z } from 'zod';
import { secretReference } from '../../spi.ts';

const metrics = z
  .strictObject({
    port: z
      .int()
      .min(0)
      .max(65_535)
      .describe('Port of its own for /metrics and /health, without credentials'),
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  })
  .describe('Prometheus metrics on a port of their own');

const traces = z
  .strictObject({
    endpoint: z.url().describe('OTLP over HTTP: http://collector:4318/v1/traces'),
    headers: z.record(z.string(), secretReference).default({}).describe('Headers for the collector'),
    ratio: z.number().min(0).max(1).default(1).describe('Share of the traces that begin here and are sent'),
  })
  .describe(
    'OpenTelemetry traces; left out, none are sent, and the context of clients is passed on as it came',
  );

const audit = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .describe(
        'File that records are appended to, one line of JSON each; - for standard output. Moved away, it is begun anew',
      ),
    required: z
      .boolean()
      .default(true)
      .describe('Whether requests are refused while records cannot be written'),
    sync: z
      .boolean()
      .default(false)
      .describe('Whether records are on the disk before more are written: a power cut loses none that was'),
  })
  .describe('A record of every access; left out, none is kept');

const log = z
  .strictObject({
    level: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('What the log begins with; the environment variable OVERPUNCH_LOG goes before it'),
  })
  .prefault({})
  .describe('The log on standard error: lines of JSON, short lines in a terminal');

export const telemetry = z
  .strictObject({
    log,
    metrics: metrics.exactOptional(),
    metricsRoles: z
      .array(z.string().min(1))
      .exactOptional()
      .describe(
        'Roles that may read /metrics of the API, and in /health what is wrong with sources; left out, nobody may, and /metrics is not there',
      ),
    traces: traces.exactOptional(),
    audit: audit.exactOptional(),
  })
  .prefault({})
  .describe('Who watches the gateway');

export type TelemetryOptions = z.output<typeof telemetry>;
