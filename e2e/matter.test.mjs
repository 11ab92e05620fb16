// A burst pipe, from the code on the contact card to the villager's word: a guest on a phone without an account, the cadre
// on a phone, the branch, and the guest again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DESK, PHONE } from './harness.mjs';
import { main, play } from './play.mjs';

const VILLAGE = '411327107204';
const WORDS = '二组老井边的自来水管爆了，水流到路上，家里没水了';

const { as, look } = play('pipe', { viewport: PHONE });

/** Takes a step of the matter from its page. */
async function step(page, matter, code, fill) {
  await page.goto(matter);
  await page.locator(`main a[href$="/steps/${code}"]`).first().click();
  await page.waitForURL(`**/steps/${code}`);
  await fill(page);
  await look(page, code);
  await page.locator('main form .btn-primary').click();
  await page.waitForURL((url) => !url.pathname.includes('/steps/'));
}

test('a burst pipe: raised from the card, accepted, deliberated, mended, rated', async () => {
  let card;
  await as('office', async (page) => {
    await page.goto(`/villages/${VILLAGE}/card`);
    card = await page.locator('a[href^="/c/"]').first().getAttribute('href');
  }, { at: DESK });

  let code;
  await as('guest', async (page) => {
    await page.goto(card);
    const photo = await page.screenshot();
    await look(page, '1-card');
    await page.locator('a[href$="/matter"]').first().click();
    await page.waitForURL('**/matter');
    // Sent empty, it is said at the field, and nothing is lost.
    await page.fill('#name', '王大娘');
    await page.locator('main form .btn-primary').click();
    assert.equal(await page.locator('#words-error').count(), 1);
    assert.equal(await page.inputValue('#name'), '王大娘');
    await page.fill('#words', WORDS);
    await page.check('input[name=urgent]');
    await page.setInputFiles('#pictures', { name: 'pipe.png', mimeType: 'image/png', buffer: photo });
    await look(page, '2-form');
    await page.locator('main form .btn-primary').click();
    await page.waitForURL('**/m/received');
    code = (await page.locator('.code').innerText()).trim();
    await look(page, '3-received');
  });

  let matter;
  await as('cadre', async (page) => {
    await page.goto('/');
    assert.match(await main(page), /自来水管爆了/);
    await page.locator('main a[href^="/matters/"]', { hasText: '自来水管爆了' }).first().click();
    await page.waitForURL('**/matters/**');
    matter = new URL(page.url()).pathname;
    await look(page, '4-cadre');
    await step(page, matter, 'acceptance', async () => {
      const kind = page.locator('select[name=kind] option', { hasText: '水' }).first();
      await page.selectOption('select[name=kind]', await kind.getAttribute('value'));
    });
    await step(page, matter, 'deliberation', async () => {});
  });

  await as('branch', async (page) => {
    await step(page, matter, 'decision', async () => {
      await page.fill('[name=chair]', '王守田');
      await page.fill('[name=present]', '7');
      await page.fill('[name=minutes]', '村里先垫钱换管，党员带头出工。');
      await page.locator('input[name=decision][value=own]').check();
    });
    assert.match(await main(page), /村里先垫钱换管/);
  });

  await as('cadre', (page) => step(page, matter, 'outcome', () => page.fill('[name=words]', '换了八米新管，下午四点通水。')));

  await as('guest', async (page) => {
    await page.goto('/m');
    await page.fill('#number', code.toLowerCase());
    await page.locator('main form .btn-primary').click();
    await page.waitForURL('**/m/**');
    assert.match(await main(page), /下午四点通水/);
    await look(page, '5-solved');
    await page.locator('input[name=level][value=satisfied]').check();
    await page.fill('#rating-words', '修得快');
    await page.locator('form[action*="/rating"] .btn-primary').click();
    await page.waitForLoadState();
    assert.match(await main(page), /您的评价：满意/);
    await look(page, '6-rated');
  });

  await as('cadre', async (page) => {
    await page.goto(matter);
    const story = await main(page);
    for (const part of ['自来水管爆了', '支部议事', '村里先垫钱换管', '下午四点通水', '满意', '修得快']) {
      assert.ok(story.includes(part), `the story lacks ${part}`);
    }
    await look(page, '7-story');
  }, { at: DESK });
});
