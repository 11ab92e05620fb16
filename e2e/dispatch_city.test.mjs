// A round of a city: candidates come from the registers of its counties, one plan for all, approved county by county and
// seen at once; then each county has its own batch.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { main, play } from './play.mjs';

const { as, look } = play('dispatch-city', { both: true, demo: ['--place', 'wuzhou'] });

test('a round of a city, over its counties', async () => {
  let root;
  await as('wuzhou', async (page) => {
    await page.goto('/dispatch/new');
    await page.fill('input[name=name]', '全市第三批');
    await page.fill('input[name=starts_on]', '2026-03-01');
    await page.fill('input[name=term_months]', '24');
    await look(page, '1-new');
    await page.getByRole('button', { name: '开一轮' }).click();
    await page.waitForURL('**/dispatch/*/*');
    root = new URL(page.url()).pathname;
    await page.goto(`${root}/villages`);
    const asked = await main(page);
    for (const county of ['苍梧县', '藤县', '蒙山县']) assert.match(asked, new RegExp(county));

    // The office's own register has nobody left: another one is looked into.
    await page.goto(`${root}/nomination`);
    assert.match(await main(page), /换一个县的名册看/);
    await look(page, '2-nobody');
    const keepers = await page.locator('select[name=keeper] option').evaluateAll((all) => all.map((one) => one.value).slice(1));
    assert.equal(keepers.length, 3);
    for (const keeper of keepers) {
      await page.goto(`${root}/nomination?keeper=${keeper}`);
      const boxes = page.locator('input[name=person]');
      if ((await boxes.count()) === 0) continue;
      for (const box of await boxes.all()) await box.check();
      await page.getByRole('button', { name: '推荐勾选的人' }).click();
      await page.waitForLoadState();
    }
    for (;;) {
      await page.goto(`${root}/pool?show=waiting`);
      const boxes = await page.locator('input[name=person]').all();
      if (boxes.length === 0) break;
      for (const box of boxes) await box.check();
      await page.check('#sign input[name=gate][value=all]');
      await page.check('#sign input[name=verdict][value=passed]');
      await page.locator('#sign button').click();
      await page.waitForLoadState();
    }
    await page.goto(`${root}/pool`);
    await look(page, '3-pool');

    await page.goto(root);
    await page.getByRole('button', { name: '排方案' }).click();
    await page.waitForURL('**/plans/*');
    await page.locator('table', { hasText: '队长、队员' }).waitFor();
    await look(page, '4-plan');
    await page.getByRole('button', { name: '送审' }).click();
    await page.waitForLoadState();
    await page.goto(root);
    await page.locator(`a[href="${root}/approval"]`).click();
    await look(page, '5-approval');
    await page.locator('main form button').last().click();
    await page.waitForURL(`**${root}`);
    // The page looks again by itself until all counties are done.
    await page.getByText('已批准', { exact: true }).first().waitFor();
    await look(page, '6-approved');
    assert.equal(await page.getByRole('link', { name: '任命名单' }).count(), 3, 'each county has its list');
  });

  await as('tengxian', async (page) => {
    await page.goto('/batches');
    assert.match(await page.locator('tr', { hasText: '全市第三批' }).innerText(), /还没开始/);
    await look(page, '7-county');
  });
});
