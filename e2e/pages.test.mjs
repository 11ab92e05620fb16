// Every page for every role that is to see it: no serious accessibility defect, nothing on the console, no refused
// content, no request that leaves the host, no sideways scrolling on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESK, PHONE, axe, overflow, shoot, start } from './harness.mjs';
import { PAGES } from './pages.mjs';

let world;
before(async () => {
  world = await start();
});
after(() => world?.stop());

/** Opens an entry of PAGES; the answer's status. */
async function open(page, entry) {
  if (entry.path) return (await page.goto(entry.path)).status();
  await page.goto(entry.from);
  const href = await page.locator(entry.link).first().getAttribute('href');
  let status = (await page.goto(href + (entry.then ?? ''))).status();
  // Further links, each the first on the page that the one before led to.
  for (const link of entry.next ?? []) {
    status = (await page.goto(await page.locator(link).first().getAttribute('href'))).status();
  }
  if (!entry.press) return status;
  const [answer] = await Promise.all([page.waitForNavigation(), page.click(entry.press)]);
  return answer.status();
}

const roles = [...new Set(PAGES.flatMap((entry) => entry.roles))];
for (const role of roles) {
  for (const entry of PAGES.filter((entry) => entry.roles.includes(role))) {
    test(`${entry.name}, ${role}`, async () => {
      const page = await world.page(role);
      try {
        assert.equal(await open(page, entry), entry.status ?? 200, `status of ${page.url()}`);
        assert.deepEqual(await axe(page), [], 'axe');
        await shoot(page, `${entry.name}-${role}`);
        await page.setViewportSize(PHONE);
        assert.ok((await overflow(page)) <= 0, `scrolls sideways by ${await overflow(page)} px on a phone`);
        await shoot(page, `${entry.name}-${role}-phone`);
        assert.deepEqual(page.problems, []);
      } finally {
        await page.context().close();
      }
    });
  }
}

for (const [name, more] of [['dark', { colorScheme: 'dark' }], ['phone', { viewport: PHONE }]]) {
  test(`the office's pages, ${name}: contrast and targets`, async () => {
    const page = await world.page('office', more);
    for (const path of ['/', '/postings', '/coverage', '/dashboard', '/villages/411327107204', '/postings/new']) {
      await page.goto(path);
      assert.deepEqual(await axe(page), [], path);
      await shoot(page, `${path.replaceAll('/', '_')}-${name}`);
    }
    await page.context().close();
  });
}

test('what a page loads at first stays within its budget', async () => {
  for (const [path, limit] of [['/', 180], ['/postings', 180], ['/dashboard', 550]]) {
    const page = await world.page('office', { viewport: DESK });
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0;
    session.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
    await page.goto(path, { waitUntil: 'networkidle' });
    assert.ok(bytes > 0 && bytes / 1024 <= limit, `${path}: ${(bytes / 1024).toFixed(0)} kB, budget ${limit}`);
    await page.context().close();
  }
});
