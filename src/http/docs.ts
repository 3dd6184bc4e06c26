// Knows: the rendered API reference and the front page. Everything comes from this machine: no font, script or
// address of another host; the browser is told to refuse any.
// Must not know: what the API offers beyond its addresses.

import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** Folder of the reference's script and style. */
export const ASSETS = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** The files of that folder that are served, of about thirty. */
export const ASSET_NAMES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;

/** Styles may stand inside the page because Swagger UI writes them there; scripts may not. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function docsPage(title: string): string {
  return page(
    `${title}: REST reference`,
    `<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">`,
    `<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>`,
  );
}

/** Starts the reference. Without `validatorUrl: null` it would send the document to a host on the internet. */
export const DOCS_SCRIPT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
`;

export interface Link {
  readonly href: string;
  readonly text: string;
}

export function frontPage(title: string, links: readonly Link[]): string {
  const items = links.map(({ href, text }) => `<li><a href="${escaped(href)}">${escaped(text)}</a></li>`);
  const style =
    '<style>body{font:1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}</style>';
  return page(title, style, `<h1>${escaped(title)}</h1>\n<ul>\n${items.join('\n')}\n</ul>`);
}

function page(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
${head}
</head>
<body>
${body}
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
