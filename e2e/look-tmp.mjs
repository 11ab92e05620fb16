import { chromium } from 'playwright-core';
const base = 'http://127.0.0.1:8097';
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const shots = process.argv[2];
async function visit(role, size, name) {
  const context = await browser.newContext({ viewport: size, acceptDownloads: true });
  await context.addCookies([{ name: 'lianxin_lang', value: 'zh-Hans', url: base }]);
  const page = await context.newPage();
  await page.goto(base + '/login');
  await page.click(`button[name=role][value=${role}]`);
  const shot = async (label) => {
    await page.screenshot({ path: `${shots}/${name}-${label}.png`, fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) console.log(`${name}-${label}: scrolls sideways by ${wide}`);
  };
  const go = async (path, label) => { const r = await page.goto(base + path); if (r.status() !== 200) console.log(path, r.status()); await shot(label); };
  await go('/briefings', 'briefings');
  await go('/briefings/new', 'new');
  const first = async (path, selector) => { await page.goto(base + path); return page.getAttribute(selector, 'href'); };
  const draft = await first('/briefings?state=draft', 'tbody a[href^="/briefings/"]');
  await go(draft, 'draft');
  if (role === 'office') {
    await go(draft + '/text', 'text');
    const signed = await first('/briefings?state=signed', 'tbody a[href^="/briefings/"]');
    await go(signed, 'signed');
    await go(signed + '/today', 'today');
    await go('/forms', 'forms');
    await go('/forms/new', 'form-new');
    await page.goto(base + '/forms');
    const forms = await page.$$eval('tbody a[href^="/forms/"]', (all) => all.map((a) => a.getAttribute('href')));
    await go(forms[0], 'form-docx');
    await go(forms[1], 'form-xlsx');
    await go(forms[1] + '?sheet=2', 'form-roster');
    await go(forms[1] + '/ties?spot=s1!H5', 'tie');
    await page.goto(base + forms[1] + '/ties?spot=s1!J5');
    await shot('tie-new');
    for (const [at, form] of forms.entries()) {
      await page.goto(base + form);
      await page.fill('#from', '2023-12-01'); await page.fill('#to', '2023-12-31');
      await page.click('form[action$="/fills"] button');
      await page.waitForLoadState();
      await shot('fill-' + at);
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('a.btn-primary[download]')]);
      await download.saveAs(`${shots}/${name}-fill-${at}.${at === 0 ? 'docx' : 'xlsx'}`);
    }
    await page.goto(base + draft);
    for (const end of ['docx', 'pdf', 'txt']) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(`a[href$="briefing.${end}"]`)]);
      await download.saveAs(`${shots}/${name}-briefing.${end}`);
    }
    await go(forms[1], 'form-after');
    // a figure by hand
    await page.goto(base + draft + '/text');
    const text = await page.inputValue('#body');
    await page.fill('#body', text.replace(/\{(\d+):98支\}/, '{$1:100支}') + '\n比上年多 12 支。');
    await page.click('form[action$="/text"] button.btn-primary');
    await page.waitForLoadState();
    await shot('by-hand');
    await page.goto(base + draft + '/text');
    await page.fill('#body', '{99:x}');
    await page.click('form[action$="/text"] button.btn-primary');
    await page.waitForLoadState();
    await shot('text-wrong');
    await page.goto(base + draft + '/signature');
    await shot('signature');
  }
  await context.close();
}
await visit('office', { width: 1440, height: 900 }, 'wide');
await visit('office', { width: 390, height: 844 }, 'phone');
await browser.close();
