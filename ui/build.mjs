// Bundles what pages load into dist/, each file named by its content and compressed beforehand.
// dist/manifest.txt holds a line per asset (name, file, mime), which crates/base/build.rs embeds.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import postcss from 'postcss';
import { PurgeCSS } from 'purgecss';
import { keep } from './keep.mjs';

const here = new URL('./', import.meta.url);
const read = (path) => readFileSync(new URL(path, here), 'utf8');
const MIME = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};
const STAFF = 'chrome90'; // office desktops
const PUBLIC = 'chrome80'; // villagers' phones

/** `data-bs-theme=auto` follows the system without a script: every dark rule is said twice, once for each way in. */
const followSystem = {
  postcssPlugin: 'follow-system',
  Rule(rule) {
    if (rule.seen || !rule.selector.includes('[data-bs-theme=dark]') || rule.parent.name === 'media') return;
    rule.seen = true;
    const twin = rule.clone({ selector: rule.selector.replaceAll('[data-bs-theme=dark]', '[data-bs-theme=auto]') });
    twin.seen = true;
    rule.after(postcss.atRule({ name: 'media', params: '(prefers-color-scheme: dark)', nodes: [twin] }));
  },
};

async function css(text, target) {
  const { code } = await transform(text, { loader: 'css', minify: true, target, legalComments: 'none' });
  return code;
}

async function staffCss() {
  const themed = await postcss([followSystem]).process(
    `${read('node_modules/@tabler/core/dist/css/tabler.css')}\n/* purgecss start ignore */\n${read('theme.css')}\n/* purgecss end ignore */`.replace(/@charset[^;]*;|\/\*# source.*?\*\//g, ''),
    { from: undefined },
  );
  const [purged] = await new PurgeCSS().purge({
    content: [{ raw: '<html><body></body></html>', extension: 'html' }],
    css: [{ raw: themed.css }],
    safelist: { standard: keep, variables: [/^--(c\d|ink|muted|line|paper)/] },
    variables: true,
    keyframes: true,
  });
  return css(purged.css, STAFF);
}

async function script(entry, target) {
  const { outputFiles } = await build({
    entryPoints: [new URL(entry, here).pathname], bundle: true, minify: true, write: false, format: 'iife', target,
    legalComments: 'none', logLevel: 'error',
  });
  return outputFiles[0].text;
}

const small = (svg) => svg.replace(/<!--.*?-->/gs, '').replace(/>\s+</g, '><').trim();

const seal = small(read('seal.svg'));
const made = {
  'app.css': await staffCss(),
  'public.css': await css(read('public.css'), PUBLIC),
  'print.css': await css(read('print.css'), STAFF),
  'app.js': await script('app.ts', STAFF),
  'charts.js': await script('charts.ts', STAFF),
  'rate.js': await script('rate.ts', PUBLIC),
  'icons.svg': small(read('icons.svg')),
  'seal.svg': seal,
};

rmSync(new URL('dist/', here), { recursive: true, force: true });
mkdirSync(new URL('dist/', here));
const lines = [];
function put(name, text) {
  const bytes = Buffer.from(text);
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  const ext = extname(name);
  const file = `${name.slice(0, -ext.length)}.${hash}${ext}`;
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  const gz = gzipSync(bytes, { level: 9 });
  for (const [tail, body] of [['', bytes], ['.br', br], ['.gz', gz]]) writeFileSync(new URL(`dist/${file}${tail}`, here), body);
  lines.push([name, file, MIME[ext]].join('\t'));
  console.log(`${name.padEnd(18)} ${(bytes.length / 1024).toFixed(1).padStart(7)} kB  gzip ${(gz.length / 1024).toFixed(1)}  br ${(br.length / 1024).toFixed(1)}`);
  return file;
}
for (const [name, text] of Object.entries(made)) put(name, text);
const icon = lines.find((line) => line.startsWith('seal.svg')).split('\t')[1];
put('app.webmanifest', JSON.stringify({
  name: '连心', short_name: '连心', lang: 'zh-Hans', start_url: '/', display: 'standalone',
  background_color: '#f6f6f4', theme_color: '#a61b1b', icons: [{ src: icon, sizes: 'any', type: 'image/svg+xml' }],
}));
writeFileSync(new URL('dist/manifest.txt', here), `${lines.join('\n')}\n`);
