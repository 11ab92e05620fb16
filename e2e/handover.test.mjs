// A post passes on, each party at their own page: who leaves on a phone, the branch, who comes, and the office that
// completes it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { main, play } from './play.mjs';

const { as, look } = play('handover', { both: true });

/** From Today to the handover, as a task leads there. */
async function open(page) {
  await page.goto('/');
  await page.locator('main a[href^="/handovers/"]').first().click();
  await page.waitForURL('**/handovers/**');
}

const sign = async (page) => {
  await page.locator('form[action$="/confirmation"] button').click();
  await page.waitForLoadState();
};

test('a post passes on: three parties sign, the office completes, the book is printed', async () => {
  let address;
  await as('office', async (page) => {
    await page.goto('/handovers?state=under_way');
    await page.locator('tbody a[href^="/handovers/"]', { hasText: '陶青松' }).click();
    await page.waitForURL('**/handovers/**');
    address = new URL(page.url()).pathname;
    await look(page, '1-office');
    await page.locator('main a[href$="/plan"]').click();
    await page.fill('#leaves_on', '2024-01-18');
    await look(page, '2-plan');
    await page.locator('main form .btn-primary').click();
    await page.waitForURL(`**${address}`);
  });

  await as('member', async (page) => {
    await open(page);
    assert.equal(new URL(page.url()).pathname, address);
    await look(page, '3-old');
    // The branch objected to the computer: the line goes, the right one comes.
    const wrong = page.locator('.line', { hasText: '笔记本电脑' });
    await wrong.locator('summary', { hasText: '删去' }).click();
    await wrong.locator('form[action$="/removal"] button').click();
    await page.waitForLoadState();
    assert.doesNotMatch(await page.locator('#lists').innerText(), /笔记本电脑/);
    await page.locator('summary', { hasText: '在清单里补一条' }).click();
    await page.selectOption('#kind', 'by_hand.lent');
    await page.fill('#title', '工作队宿舍钥匙 1 把');
    await page.locator('form[action$="/lines"] button').click();
    await page.waitForLoadState();
    assert.match(await page.locator('#lists').innerText(), /宿舍钥匙 1 把/);
    await sign(page);
    assert.match(await main(page), /原任已签认|原任签认清单/);
    await look(page, '4-old-signed');
  });

  await as('branch', async (page) => {
    await open(page);
    await look(page, '5-branch');
    await sign(page);
    assert.match(await main(page), /村党支部签认清单/);
  });

  await as('newcomer', async (page) => {
    await open(page);
    assert.equal(new URL(page.url()).pathname, address);
    assert.match(await main(page), /您是接任/);
    await look(page, '6-new');
    await sign(page);
    assert.match(await main(page), /三方都已确认/);
  });

  await as('office', async (page) => {
    await page.goto(address);
    await look(page, '7-confirmed');
    await page.locator('main a[href$="/completion"]').click();
    await look(page, '8-completion');
    await page.locator('main form .btn-danger').click();
    await page.waitForURL(`**${address}`);
    assert.match(await main(page), /已办结/);
    await look(page, '9-done');
    await page.locator('main a[href$="/book"]').click();
    await look(page, '10-book');
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('a[href$="/book.pdf"]').click()]);
    assert.match(download.suggestedFilename(), /^交接簿-.*陶青松.*\.pdf$/);
  });
});
