// What people come to do, from the first page to the result, as they do it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DESK, PHONE, axe, idNumber, overflow, shoot, start } from './harness.mjs';

const SIZHUANG = '/villages/411327107204';
const ROSTER = fileURLToPath(new URL('../crates/app/testdata/rosters/sheqi_roster.xlsx', import.meta.url));
const CHINESE = /\p{Script=Han}/u;

let world;
before(async () => {
  world = await start();
});
after(() => world?.stop());

/** A test with a page of its own for a role; nothing may have gone wrong on it. */
function flow(name, role, act, more = {}) {
  test(name, async () => {
    const page = await world.page(role, more);
    try {
      await act(page);
      assert.deepEqual(page.problems, []);
    } finally {
      await page.context().close();
    }
  });
}

const rows = async (page) => Number(/[\d,]+/.exec(await page.locator('.sums [role=status]').first().innerText())[0].replaceAll(',', ''));
const heading = (page) => page.locator('main h1').innerText();

flow('a guest is led to the sign-in page and, signed in, to where they were going', 'guest', async (page) => {
  await page.goto('/postings');
  assert.equal(new URL(page.url()).pathname, '/login');
  await page.click('button[name=role][value=office]');
  await page.waitForURL('**/postings');
});

flow('signing out ends it', 'leader', async (page) => {
  await page.goto('/account');
  await page.locator('main form[action="/logout"] button').click();
  await page.waitForURL('**/login');
  await page.goto('/postings');
  assert.equal(new URL(page.url()).pathname, '/login');
});

flow('a list is filtered by a choice, and the address keeps it', 'office', async (page) => {
  await page.goto('/postings');
  const all = await rows(page);
  await page.selectOption('#filter-role', 'first_secretary');
  await page.waitForURL(/role=first_secretary/);
  await page.waitForFunction((before) => !document.querySelector('.sums [role=status]').textContent.includes(String(before)), all);
  assert.equal(await rows(page), 249);
  await page.reload();
  assert.equal(await rows(page), 249);
  await page.locator('.filters a').last().click();
  await page.waitForURL((url) => !url.search.includes('role='));
  assert.equal(await rows(page), all);
});

flow('a column sorts both ways', 'office', async (page) => {
  await page.goto('/postings');
  const head = page.locator('thead th[aria-sort] a, thead th a').first();
  await head.click();
  await page.waitForURL(/sort=/);
  const once = await page.locator('tbody tr th').first().innerText();
  await page.locator('thead th[aria-sort]:not([aria-sort=none]) a').click();
  await page.waitForLoadState();
  assert.notEqual(await page.locator('tbody tr th').first().innerText(), once);
});

flow('from a row to the person, the posting, the village', 'office', async (page) => {
  await page.goto('/postings');
  const name = (await page.locator('tbody tr th a').first().innerText()).trim();
  await page.locator('tbody tr th a').first().click();
  await page.waitForURL('**/people/**');
  assert.ok((await heading(page)).includes(name));
  await page.locator('main tbody a[href^="/postings/"]').first().click();
  await page.waitForURL('**/postings/**');
  assert.ok((await heading(page)).includes(name));
  await page.locator('main a[href^="/villages/"]').first().click();
  await page.waitForURL('**/villages/**');
  assert.ok((await page.locator('main').innerText()).includes(name));
});

/** Ends the first secretary's posting of a village and posts a successor from the same day; works with and without scripts. */
async function replace(page, village, successor, number) {
  await page.goto(village);
  const row = page.locator('main tbody tr', { hasText: '第一书记' }).first();
  const leaving = (await row.locator('th').innerText()).trim();
  await row.locator('a[href^="/postings/"]').first().click();
  await page.waitForURL('**/postings/**');
  await page.locator('main a[href$="/end"]').first().click();
  await page.fill('#until', '2024-01-18');
  await page.locator('#end_reason').selectOption({ index: 1 });
  await page.locator('main form .btn-primary').click();
  await page.waitForURL((url) => !url.pathname.endsWith('/end'));
  await page.goto(`/postings/new?village=${village.split('/').pop()}`);
  await page.fill('#name', successor);
  await page.fill('#id_number', number);
  await page.fill('#phone', '13800000001');
  await page.fill('#unit', '县水利局');
  await page.fill('#since', '2024-01-18');
  await page.locator('main form .btn-primary').click();
  await page.waitForURL(/\/postings\/\d+\//);
  assert.ok((await heading(page)).includes(successor));
  await page.goto(village);
  const onPost = await page.locator('main .card').first().innerText();
  assert.ok(onPost.includes(successor), `${successor} is on post`);
  assert.ok(!onPost.includes(leaving), `${leaving} is no longer on post`);
  assert.ok((await page.locator('main').innerText()).includes(leaving), `${leaving} stays in the village's history`);
}

flow('a posting ends and a successor is entered', 'office', (page) => replace(page, SIZHUANG, '程望山', idNumber('19850412', 11)));

flow('the same with scripts off', 'office', (page) => replace(page, '/villages/411327313206', '纪青禾', idNumber('19880923', 24)), { javaScriptEnabled: false });

flow('a list is filtered with scripts off', 'office', async (page) => {
  await page.goto('/postings');
  await page.selectOption('#filter-role', 'first_secretary');
  await page.locator('.filters button').click();
  await page.waitForURL(/role=first_secretary/);
  assert.equal(await rows(page), 249);
}, { javaScriptEnabled: false });

flow('a refused form stands at its field and keeps what was typed', 'office', async (page) => {
  await page.goto('/postings/new');
  await page.fill('#name', '程望山');
  await page.fill('#id_number', '999999198504120011');
  await page.fill('#unit', '县水利局');
  await page.fill('#village', '司庄');
  await page.locator('main form .btn-primary').click();
  await page.locator('#id_number[aria-invalid=true]').waitFor();
  assert.equal(await page.inputValue('#name'), '程望山');
  assert.equal(await page.inputValue('#unit'), '县水利局');
});

flow('the second first secretary of a village is refused in words', 'office', async (page) => {
  await page.goto('/postings/new?village=411327107204');
  await page.fill('#name', '常远');
  await page.fill('#id_number', idNumber('19790301', 37));
  await page.fill('#unit', '县水利局');
  await page.locator('main form .btn-primary').click();
  await page.locator('.errors').waitFor();
  assert.match(await page.locator('main').innerText(), /第一书记/);
});

flow('a roster is imported: file, check, apply', 'office', async (page) => {
  await page.goto('/imports');
  await page.selectOption('#kind', 'roster');
  await page.setInputFiles('input[type=file]', ROSTER);
  await page.locator('main form:has(input[type=file]) .btn-primary').click();
  await page.waitForURL(/\/imports\/.+/);
  for (let step = 0; step < 6; step += 1) {
    assert.deepEqual(await axe(page), [], `step ${step}: axe`);
    await shoot(page, `import-step-${step}`);
    await page.setViewportSize(PHONE);
    assert.ok((await overflow(page)) <= 0, `step ${step} scrolls sideways on a phone`);
    await page.setViewportSize(DESK);
    const next = page.locator('main form .wizard-foot .btn-primary, main form .btn-primary').first();
    if ((await next.count()) === 0) break;
    await next.click();
    await page.waitForLoadState();
  }
  assert.match(await page.locator('main').innerText(), /新增|不变|更新/);
});

flow('a figure opens to its records, and they make it up', 'office', async (page) => {
  await page.goto('/dashboard');
  const tile = page.locator('main a[href^="/figures/posting.first_secretary"]').first();
  const value = Number(/\d[\d,]*/.exec(await tile.innerText())[0].replaceAll(',', ''));
  await tile.click();
  await page.waitForURL('**/figures/**');
  assert.ok((await page.locator('main').innerText()).includes(String(value)));
  assert.ok((await page.locator('main tbody tr').count()) > 0);
});

flow('English: no Chinese is left in the shell', 'office', async (page) => {
  const names = /^(宋知远|社旗县)/u;
  await page.goto('/');
  await page.locator('header details.menu').last().locator('summary').click();
  await page.locator('button[name=lang][value=en]').click();
  await page.waitForLoadState();
  for (const path of ['/', '/postings', '/coverage', '/teams', '/batches', '/dashboard', '/account']) {
    await page.goto(path);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    // Names of people and places stay as they are; the shell's own words must not.
    const own = ['.side a', '.phone-tabs a', '.find input', '.menu-title', '.filters button', '.sums-right', 'thead th'];
    const said = await page.locator(own.join(', ')).evaluateAll((all) => all.map((one) => `${one.textContent} ${one.getAttribute('placeholder') ?? ''}`.trim()));
    assert.deepEqual(said.filter((text) => CHINESE.test(text) && !names.test(text)), [], `on ${path}`);
    const title = (await page.title()).split(' · ')[0];
    assert.ok(names.test(title) || !CHINESE.test(title), `title of ${path}: ${title}`);
  }
});

flow('繁體: the same page in traditional characters', 'office', async (page) => {
  await page.goto('/postings?lang=zh-Hant');
  const said = await page.locator('main').innerText();
  assert.match(said, /派駐村|駐村職務/);
  assert.doesNotMatch(said, /派驻村|驻村职务/);
});

flow('Ctrl-K goes to the search, the search finds a village', 'office', async (page) => {
  await page.goto('/');
  await page.keyboard.press('Control+k');
  assert.ok(await page.evaluate(() => document.activeElement.matches('[data-search]')));
  await page.keyboard.type('司庄');
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=/);
  assert.match(await page.locator('main').innerText(), /司庄/);
});

flow('by keyboard alone: skip link, menu, Escape', 'office', async (page) => {
  await page.goto('/postings');
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.getAttribute('href'));
  assert.equal(first, '#main');
  const menu = page.locator('header details.menu').last();
  await menu.locator('summary').focus();
  await page.keyboard.press('Enter');
  assert.ok(await menu.evaluate((element) => element.open));
  await page.keyboard.press('Escape');
  assert.ok(!(await menu.evaluate((element) => element.open)));
});

flow('the list is saved as a workbook', 'office', async (page) => {
  await page.goto('/postings?role=first_secretary');
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[href*=".xlsx"]').click()]);
  assert.match(download.suggestedFilename(), /\.xlsx$/);
});

flow('a township sees its own people only', 'township', async (page) => {
  await page.goto('/postings');
  const own = await rows(page);
  assert.ok(own > 0 && own < 249, `${own} rows`);
  assert.equal((await page.goto('/villages/411327313206')).status(), 404);
});

flow('a form sent twice is one act', 'office', async (page) => {
  await page.goto('/postings/new?village=411327107206');
  await page.fill('#name', '岳小满');
  await page.fill('#id_number', idNumber('19910520', 48));
  await page.fill('#unit', '县水利局');
  await page.selectOption('#role', 'member');
  const body = await page.evaluate(() => new URLSearchParams(new FormData(document.querySelector('main form'))).toString());
  const send = () => page.request.post('/postings', { data: body, headers: { 'content-type': 'application/x-www-form-urlencoded', origin: world.url }, maxRedirects: 0 });
  const [one, two] = [await send(), await send()];
  assert.deepEqual([one.status(), two.status()], [303, 303]);
  assert.equal(one.headers().location, two.headers().location);
});
