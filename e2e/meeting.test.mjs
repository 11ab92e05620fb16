// A matching meeting over twenty problems, led on a big screen from the keyboard; afterwards the list of promises stands in
// the departments' Today.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { main, play } from './play.mjs';

const MANY = 20;
const { as, look } = play('meeting');

/** Sends a form and waits for the page that answers. */
const send = (page, act) => Promise.all([page.waitForNavigation(), act]);

const waiting = async (page) => {
  await page.goto('/problem-meetings/new');
  return Number(/(\d+) 个问题等着上会/.exec(await main(page))[1]);
};

test('twenty problems, one meeting, from the keyboard', async () => {
  let lack;
  await as('office', async (page) => {
    lack = MANY - (await waiting(page));
  });
  assert.ok(lack > 0 && lack <= MANY, `${lack} to raise`);

  await as('cadre', async (page) => {
    for (let n = 1; n <= lack; n += 1) {
      await page.goto('/problems/new');
      if ((await page.inputValue('#village')) === '') await page.fill('#village', '司庄村');
      await page.fill('#title', `第 ${n} 口机井要接电`);
      await page.fill('#words', `三组第 ${n} 口机井离变压器三百米，请供电部门架线。`);
      await page.locator('input[name=block]').nth(n % 3).check();
      await page.locator('main form .btn-primary').click();
      await page.waitForURL((url) => /\/problems\/\d+\//.test(url.pathname));
    }
  });

  let meeting;
  await as('office', async (page) => {
    for (let n = 1; n <= lack; n += 1) {
      await page.goto('/problems');
      await page.locator('tbody a[href^="/problems/"]', { hasText: `第 ${n} 口机井要接电` }).click();
      await page.waitForURL((url) => /\/problems\/\d+\//.test(url.pathname));
      await page.selectOption('select[name=to]', ''); // not to one department: to the meeting
      await send(page, page.locator('form[action$="/screening"] button.btn-primary').click());
    }
    assert.equal(await waiting(page), MANY);
    await page.fill('#title', '第一书记项目对接会');
    await page.fill('#day', '2024-01-18');
    await page.fill('#place', '县委会议室');
    await page.fill('#chair', '县委副书记');
    await page.locator('main form .btn-primary').click();
    await page.waitForURL((url) => /\/problem-meetings\/\d+\//.test(url.pathname));
    meeting = new URL(page.url()).pathname;
    await look(page, '1-plan');
    await send(page, page.locator(`form[action="${meeting}/begin"] button`).click());
    await page.goto(`${meeting}/screen`);
    await look(page, '2-last-promises');
    for (let at = 1; at <= MANY; at += 1) {
      await page.keyboard.press('ArrowRight');
      await page.waitForURL(`**/screen?at=${at}`);
      const claimed = at % 2 === 1;
      await page.locator(`input[name=outcome][value=${claimed ? 'claimed' : 'answered'}]`).focus();
      await page.keyboard.press('Space');
      await page.locator('#words').focus();
      await page.keyboard.type(claimed ? `两周内架好第 ${at} 处的线` : '今年的计划里已经有，三月开工');
      if (claimed) {
        const unit = page.locator('select[name=unit]');
        if ((await unit.inputValue()) === '') await unit.selectOption({ index: 1 });
        if ((await page.inputValue('#due')) === '') await page.fill('#due', '2024-02-29');
      }
      if (at === 1) await look(page, '3-problem');
      await page.locator('.stage-form .btn-primary').focus();
      await send(page, page.keyboard.press('Enter'));
      await page.locator('.stage-done').waitFor();
      assert.ok(page.url().includes(`at=${at}`), `still at ${at}: ${page.url()}`);
      await page.locator('body').click({ position: { x: 5, y: 5 } });
    }
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(`**/screen?at=${MANY + 1}`);
    assert.equal(await page.locator('tbody tr').count(), MANY);
    await look(page, '4-list');
    await page.goto(meeting);
    await send(page, page.locator(`form[action="${meeting}/close"] button`).click());
    await page.goto(`${meeting}/promises`);
    assert.equal(await page.locator('tbody tr').count(), MANY / 2);
    await look(page, '5-promises');
  });
});
