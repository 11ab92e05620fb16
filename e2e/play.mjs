// What several people do one after another in one demo, each on a page of their own.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { DESK, PHONE, axe, overflow, shoot, start } from './harness.mjs';

export const main = (page) => page.locator('main').innerText();

/**
 * A demo for the tests of this file. Pictures are called `name-step`; with `both` a step is looked at on a desk and on a
 * phone, else as the page stands. `viewport` is where a part is played when nothing else is said, `demo` what the demo is
 * started with.
 */
export function play(name, { both = false, viewport = DESK, demo = [] } = {}) {
  let world;
  before(async () => {
    world = await start(...demo);
  });
  after(() => world?.stop());

  /** Looks at a step: nothing scrolls sideways, axe finds nothing grave. */
  async function look(page, step) {
    const stood = page.viewportSize();
    for (const [where, size] of both ? [['-desk', DESK], ['-phone', PHONE]] : [['', stood]]) {
      await page.setViewportSize(size);
      await shoot(page, `${name}-${step}${where}`);
      assert.ok((await overflow(page)) <= 0, `${step}${where} scrolls sideways`);
      assert.deepEqual(await axe(page), [], `${step}${where}: axe`);
    }
    await page.setViewportSize(stood);
  }

  /** Somebody's part; nothing may have gone wrong on their page. */
  async function as(role, act, { at = viewport, ...more } = {}) {
    const page = await world.page(role, { viewport: at, ...more });
    try {
      await act(page);
      assert.deepEqual(page.problems, []);
    } finally {
      await page.context().close();
    }
  }

  return { as, look };
}
