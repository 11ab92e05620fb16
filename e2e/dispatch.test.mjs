// The planning room of 社旗: somebody is nominated and cleared, villages ask, a plan is solved, one village stays without
// and is explained, a pairing is locked, a unit dragged elsewhere, two plans are compared, and the leader approves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axe } from './harness.mjs';
import { main, play } from './play.mjs';

const { as, look } = play('dispatch', { both: true });

/** The plan is solved by a job; its page follows by itself. */
async function solved(page) {
  await page.waitForURL('**/plans/*');
  await page.locator('table', { hasText: '队长、队员' }).waitFor();
  return new URL(page.url()).pathname;
}

const tile = async (page, label) => Number(/\d+/.exec(await page.locator('.fig', { hasText: label }).locator('.n').first().innerText())?.[0]);

test('the planning room, from pool to approval', async () => {
  let root;
  let second;
  await as('office', async (page) => {
    await page.goto('/dispatch');
    await page.locator('tbody a[href^="/dispatch/"]').first().click();
    await page.waitForURL('**/dispatch/*/*');
    root = new URL(page.url()).pathname;
    await look(page, '1-round');

    // One more comes into the pool, and passes the gates with those who waited.
    await page.locator('main a[href$="/nomination"]').click();
    await page.locator('input[name=person]').first().check();
    const name = (await page.locator('tbody th').first().innerText()).trim();
    await page.getByRole('button', { name: '推荐勾选的人' }).click();
    await page.goto(`${root}/pool?show=waiting`);
    assert.match(await main(page), new RegExp(name));
    await look(page, '2-pool');
    for (const box of await page.locator('input[name=person]').all()) await box.check();
    await page.check('#sign input[name=gate][value=all]');
    await page.check('#sign input[name=verdict][value=passed]');
    await page.locator('#sign button').click();
    await page.waitForLoadState();
    assert.doesNotMatch(await main(page), /待签 \d 关/);

    // A village asks for more than anybody can send.
    await page.goto(`${root}/villages`);
    await look(page, '3-villages');
    await page.locator('tbody a[href*="/villages/"]').last().click();
    const hard = (await page.locator('h1').innerText()).trim();
    await page.fill('#team_size', '20');
    await page.getByRole('button', { name: '改好' }).click();
    await page.waitForURL('**/villages');
    await page.goto(root);
    await page.getByRole('button', { name: '排方案' }).click();
    const first = await solved(page);
    assert.ok((await tile(page, '派不出')) >= 1);
    const unmet = page.locator('tr', { hasText: hard }).first();
    assert.match(await unmet.innerText(), /能派的人不够|队/);
    await look(page, '4-plan');
    await unmet.locator('a').first().click();
    assert.match(await main(page), /为什么派不出/);
    await look(page, '5-unmet');

    // What was too much is taken back; one pairing is locked.
    await page.goto(`${root}/villages`);
    await page.locator('tbody a', { hasText: hard }).click();
    await page.fill('#team_size', '');
    await page.getByRole('button', { name: '改好' }).click();
    await page.waitForURL('**/villages');
    await page.goto(first);
    const rows = page.locator('tr[data-drop]');
    await rows.first().locator('th a').click();
    await page.getByRole('button', { name: '锁定全队' }).click();
    await page.waitForLoadState();
    assert.match(await main(page), /已锁定/);
    await look(page, '6-pairing');

    // The unit of one village is dragged onto another that some other unit was to serve.
    await page.goto(first);
    const units = await rows.evaluateAll((all) => all.map((row) => row.dataset.unit));
    const at = units.findIndex((unit, index) => index > 2 && unit !== units[index - 1]);
    const moved = page.waitForURL((url) => url.pathname !== first);
    await rows.nth(at).locator('[data-drag]').dragTo(rows.nth(at - 1).locator('th'));
    await moved;
    if (page.url().includes('/pairings/')) {
      // The checker has a reason against it: said where it was dropped, and another unit is chosen there.
      assert.match(await main(page), /不能这样配/);
      await look(page, '7-refused');
      await page.goto(root);
      await page.getByRole('button', { name: '排方案' }).click();
    }
    second = await solved(page);
    assert.notEqual(second, first);
    await look(page, '8-again');

    await page.goto(`${root}/comparison?one=${first.split('/').pop()}&other=${second.split('/').pop()}`);
    assert.match(await main(page), /配得不一样的村/);
    await look(page, '9-comparison');
    await page.goto(second);
    await page.getByRole('button', { name: '送审' }).click();
    await page.waitForLoadState();
    assert.match(await main(page), /待批准/);
    assert.equal(await page.locator(`a[href="${root}/approval"]`).count(), 0, 'who planned does not approve');
  });

  await as('leader', async (page) => {
    await page.goto('/');
    await page.locator('main a[href^="/dispatch/"]', { hasText: '批准派驻计划' }).click();
    await page.locator(`a[href="${root}/approval"]`).click();
    await look(page, '10-approval');
    await page.locator('main form .btn-primary, main form button').last().click();
    await page.waitForURL(`**${root}`);
    assert.match(await main(page), /已批准/);
    await look(page, '11-approved');
  });

  await as('office', async (page) => {
    await page.goto(root);
    await page.getByRole('link', { name: '任命名单' }).click();
    await page.waitForURL('**/postings?**');
    assert.match(await main(page), /第一书记/);
    await look(page, '12-appointments');
    await page.goto('/batches');
    assert.match(await main(page), /第四批（预排）/);
    await page.goto('/handovers');
    assert.ok((await page.locator('tbody tr').count()) > 0, 'handovers were prepared');
    await look(page, '13-handovers');
    await page.goto(root);
    await page.getByRole('link', { name: '印选派通知' }).click();
    await page.waitForLoadState();
    assert.deepEqual(await axe(page), []);
  });
});
