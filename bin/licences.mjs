#!/usr/bin/env node
// Holds the licence of every crate to the allow list of deny.toml, where cargo-deny is not installed.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const deny = readFileSync(new URL('../deny.toml', import.meta.url), 'utf8');
const list = /^allow = \[([^\]]*)\]/m.exec(deny)?.[1] ?? '';
const allowed = new Set([...list.matchAll(/"([^"]+)"/g)].map(([, name]) => name));
const platform = 'x86_64-unknown-linux-gnu';
const text = execFileSync('cargo', ['metadata', '--format-version', '1', '--locked', '--filter-platform', platform], {
  encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'],
});
const { packages, resolve } = JSON.parse(text);
const used = new Set(resolve.nodes.map((node) => node.id));

/** An SPDX expression without nesting deeper than the registry's: OR of ANDs, brackets first. */
function passes(expression) {
  const brackets = /\(([^()]*)\)/.exec(expression);
  if (brackets) return passes(expression.replace(brackets[0], passes(brackets[1]) ? 'yes' : 'no'));
  const one = (name) => name === 'yes' || allowed.has(name.trim());
  return expression.split(/\s+OR\s+|\//).some((part) => part.split(/\s+AND\s+/).every(one));
}

const refused = packages.filter((one) => used.has(one.id) && !passes(one.license ?? 'none'));
for (const one of refused) console.error(`${one.name} ${one.version}: ${one.license ?? 'no licence named'}`);
if (refused.length > 0) process.exit(1);
console.log(`${used.size} crates under ${allowed.size} allowed licences`);
