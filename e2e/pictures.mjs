// Takes the README's pictures into docs/pictures: `npm run pictures`. Small windows, so that the PNGs stay small.
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PHONE, start } from './harness.mjs';

const OUT = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const DESK = { width: 1200, height: 760 };
const PICTURES = [
  ['office-dashboard', 'office', '/dashboard', DESK],
  ['office-postings', 'office', '/postings', DESK],
  ['office-coverage', 'office', '/coverage', DESK],
  ['office-village', 'office', '/villages/411327107204', DESK],
  ['office-figure', 'office', '/figures/posting.first_secretary', DESK],
  ['office-import', 'office', '/imports', DESK],
  ['office-plan', 'office', '/dispatch', DESK, ['tbody a[href^="/dispatch/"]', 'main a[href*="/plans/"]']],
  ['office-matters', 'office', '/matters/board', DESK],
  ['office-problems', 'office', '/problems', DESK],
  ['cadre-today-phone', 'cadre', '/', PHONE],
  ['township-postings-phone', 'township', '/postings', PHONE],
];

mkdirSync(OUT, { recursive: true });
const world = await start();
try {
  for (const [name, role, path, viewport, follow = []] of PICTURES) {
    const page = await world.page(role, { viewport });
    await page.goto(path, { waitUntil: 'networkidle' });
    for (const link of follow) {
      await page.locator(link).first().click();
      await page.waitForLoadState('networkidle');
    }
    await page.waitForTimeout(800); // charts draw themselves in
    await page.screenshot({ path: `${OUT}${name}.png` });
    await page.context().close();
  }
} finally {
  await world.stop();
}
// Eight bits of colour are plenty for pages.
if (existsSync('/usr/bin/pngquant')) {
  const files = readdirSync(OUT).filter((name) => name.endsWith('.png')).map((name) => OUT + name);
  execFileSync('/usr/bin/pngquant', ['--force', '--ext', '.png', '--skip-if-larger', '128', ...files], { stdio: 'inherit' });
}
const bytes = readdirSync(OUT).reduce((sum, name) => sum + statSync(OUT + name).size, 0);
console.log(`${PICTURES.length} pictures, ${(bytes / 1024).toFixed(0)} kB`);
