// A demo of its own on a free port, one browser, one signed-in context per role.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { ROLES } from './pages.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const BINARY = process.env.LIANXIN_BINARY ?? join(here, '../target/debug/lianxin');
const CHROMIUM = process.env.LIANXIN_CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--lang=zh-CN'];

export const OUT = join(here, 'out');
export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Starts a demo; `stop` ends it and removes its folder. */
export async function startDemo(...options) {
  const folder = mkdtempSync(join(tmpdir(), 'lianxin-e2e-'));
  const child = spawn(BINARY, ['demo', '--dir', folder, '--listen', '127.0.0.1:0', ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the demo did not start: ${said}`)), 180_000);
    child.stderr.on('data', (text) => {
      said += text;
      const address = /http:\/\/[0-9.]+:[0-9]+/.exec(said)?.[0];
      if (address) {
        clearTimeout(late);
        resolve(address);
      }
    });
    child.on('exit', (code) => reject(new Error(`the demo ended with ${code}: ${said}`)));
    child.on('error', reject);
  });
  const stop = () => new Promise((resolve) => {
    const gone = () => {
      rmSync(folder, { recursive: true, force: true });
      resolve();
    };
    if (child.exitCode !== null) return gone();
    child.on('exit', gone);
    child.kill('SIGTERM');
    // Open connections of a browser that died must not keep it.
    setTimeout(() => child.kill('SIGKILL'), 3000).unref();
  });
  process.on('exit', () => child.kill('SIGKILL'));
  return { url, folder, stop };
}

/** A demo and a browser. `page(role)` opens a page that notes everything that should not happen. */
export async function start(...options) {
  mkdirSync(OUT, { recursive: true });
  const demo = await startDemo(...options);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, headless: true, env: { ...process.env, LANGUAGE: 'zh_CN' } });
  const states = new Map();

  async function signIn(role) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${demo.url}/login`);
    await page.click(`button[name=role][value="${ROLES[role] ?? role}"]`);
    await page.waitForURL((url) => !url.pathname.startsWith('/login'));
    const state = await context.storageState();
    await context.close();
    return state;
  }

  async function page(role, more = {}) {
    if (role !== 'guest' && !states.has(role)) states.set(role, await signIn(role));
    const context = await browser.newContext({
      baseURL: demo.url, viewport: DESK, locale: 'zh-CN', storageState: states.get(role), acceptDownloads: true, ...more,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.problems = watch(page, demo.url);
    return page;
  }

  const stop = async () => {
    await browser.close();
    await demo.stop();
  };
  return { url: demo.url, folder: demo.folder, page, stop };
}

/** Console errors, uncaught exceptions, refused contents, requests that leave the host. */
function watch(page, url) {
  const problems = [];
  page.on('console', (message) => {
    // An answer of 403, 404 or 422 is noted by the browser as an error though it is the answer that was asked for.
    const expected = /^Failed to load resource: the server responded with a status of 4(03|04|22)/.test(message.text());
    if (message.type() === 'error' && !expected) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`script: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`) && !request.url().startsWith('data:')) problems.push(`leaves the host: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) problems.push(`${response.status()} ${response.url()}`);
  });
  return problems;
}

/** What axe finds serious or critical, a line each. */
export async function axe(page) {
  await page.evaluate(axeSource); // through the debugger, which the page's content policy does not stop
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const grave = violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
  return grave.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 140)).join(' | ')}`);
}

/** How many pixels the page is wider than the window. */
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - globalThis.innerWidth);

/** A picture for people to look at, in out/. */
export const shoot = (page, name) => page.screenshot({ path: join(OUT, `${name}.png`) });

/** An ID number of nobody (region 999999) with its check digit. */
export function idNumber(birth, order) {
  const body = `999999${birth}${String(order).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((all, weight, at) => all + weight * Number(body[at]), 0);
  return body + '10X98765432'[sum % 11];
}
