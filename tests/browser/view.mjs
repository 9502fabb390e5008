// Clicks, filters, steps and searches in `tribunal view`, as a person would, and looks at what hostile texts do:
// node view.mjs ADDRESS HOSTILE_ADDRESS
import { accessible, fits, holds, look } from './browser.mjs';

const [address, hostile] = process.argv.slice(2);
if (!hostile) {
  console.error('usage: node view.mjs ADDRESS HOSTILE_ADDRESS');
  process.exit(2);
}

/** A page, and whatever it did that it should not. */
async function open(browser, start, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('dialog', (dialog) => { wrong.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
  page.on('pageerror', (error) => wrong.push(`error ${error.message}`));
  page.on('console', (message) => { if (message.type() === 'error') wrong.push(`console ${message.text()}`); });
  page.on('request', (request) => { if (!request.url().startsWith(start)) wrong.push(`request ${request.url()}`); });
  page.on('popup', () => wrong.push('popup'));
  await page.goto(start);
  return { page, wrong };
}
const text = (page, selector) => page.locator(selector).first().innerText();
const number = (said) => Number(said.split(' ')[0].replaceAll(',', ''));

async function asAPerson(browser) {
  const { page, wrong } = await open(browser, address);
  const all = number(await text(page, '#conclusion'));
  holds('the list says how many there are', all > 100, all);
  await Promise.all([page.waitForURL(/outcome=wrong/), page.selectOption('select[name=outcome]', 'wrong')]);
  const outcomes = await page.locator('#results tbody td:nth-child(5)').allInnerTexts();
  holds('choosing an outcome filters', outcomes.length > 0 && outcomes.every((one) => one.includes('wrong')), outcomes);
  await page.keyboard.press('/');
  holds('the slash goes to the search', await page.evaluate(() => document.activeElement.name === 'q'));
  await page.keyboard.type('[[a]]');
  await Promise.all([page.waitForURL(/q=/), page.keyboard.press('Enter')]);
  const found = number(await text(page, '#conclusion'));
  holds('a search narrows what was chosen', found > 2 && found < all && page.url().includes('outcome=wrong'), found);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await Promise.all([page.waitForURL(/\/case/), page.keyboard.press('Enter')]);
  holds('j and Enter open the second', (await text(page, '#place')).startsWith('2 of '), await text(page, '#place'));
  holds('the verdict is marked in the reply', (await page.locator('mark').count()) > 0);
  holds('one answer is the gold', (await page.locator('.answer.best').count()) === 1);
  await Promise.all([page.waitForURL(/\/case/), page.keyboard.press('j')]);
  await page.waitForFunction(() => document.querySelector('#place').innerText.startsWith('3 of '));
  holds('j steps on', true);
  await page.keyboard.press('k');
  await page.waitForFunction(() => document.querySelector('#place').innerText.startsWith('2 of '));
  holds('k steps back', true);
  await Promise.all([page.waitForURL(/raw=1/), page.keyboard.press('m')]);
  holds('m shows texts as they are written', (await page.locator('pre.foreign').count()) > 2);
  const order = await text(page, 'main p.faint');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('o')]);
  holds('o turns to the other order', (await text(page, 'main p.faint')) !== order, order);
  const link = page.url();
  await Promise.all([page.waitForNavigation(), page.locator('#main table a').first().click()]);
  holds('another judge is one click away', page.url() !== link, link);
  await Promise.all([page.waitForURL((url) => url.pathname === '/'), page.keyboard.press('u')]);
  holds('u goes back to the list, with its filter', page.url().includes('outcome=wrong'), page.url());
  await page.goto(`${address}?q=${encodeURIComponent('not to be found anywhere')}`);
  holds('nothing found is said', (await text(page, '#results')).startsWith('None'), await text(page, '#results'));
  holds('no error, dialog or request to elsewhere', wrong.length === 0, wrong.join('; '));
}

async function withoutScripts(browser) {
  const { page } = await open(browser, address, { javaScriptEnabled: false });
  await page.selectOption('select[name=odd]', 'orders');
  await Promise.all([page.waitForURL(/odd=orders/), page.locator('form button').click()]);
  await Promise.all([page.waitForURL(/\/case/), page.locator('#results a').first().click()]);
  holds('without scripts it filters and opens all the same', (await text(page, '#place')).startsWith('1 of '));
}

async function hostileTexts(browser) {
  const { page, wrong } = await open(browser, hostile);
  await page.locator('#results a').first().click();
  for (const step of ['as Markdown', 'as it is written']) {
    holds(`hostile, ${step}: one main part, nothing of theirs`, await page.evaluate(() =>
      document.querySelectorAll('main').length === 1 && document.querySelectorAll('script').length === 1 &&
      document.querySelectorAll('.foreign :is(a, img, script, style, iframe, form, input, link, svg)').length === 0));
    const out = await page.evaluate(() => [...document.querySelectorAll('.foreign')].filter((box) => {
      const [own, around] = [box.getBoundingClientRect(), box.parentElement.getBoundingClientRect()];
      return own.left < around.left - 1 || own.right > around.right + 1;
    }).length);
    holds(`hostile, ${step}: each text stays in its box`, out === 0, out);
    await fits(`hostile, ${step}`, page);
    const title = page.locator('#all-title');
    await title.scrollIntoViewIfNeeded();
    const covered = await title.evaluate((one) => {
      const box = one.getBoundingClientRect();
      return document.elementFromPoint(box.left + 5, box.top + box.height / 2) !== one;
    });
    holds(`hostile, ${step}: what follows is not covered`, !covered);
    await Promise.all([page.waitForNavigation(), page.keyboard.press('m')]);
  }
  holds('hostile: no error, dialog or request to elsewhere', wrong.length === 0, wrong.join('; '));
}

async function everyone(browser) {
  for (const start of [address, hostile]) {
    for (const colorScheme of ['light', 'dark']) {
      const { page } = await open(browser, start, { colorScheme, bypassCSP: true });
      const first = await page.locator('#results a').first().getAttribute('href');
      const which = `${start === hostile ? 'hostile, ' : ''}${colorScheme}`;
      for (const path of ['/', first]) {
        const what = `${which}, ${path.split('?')[0]}`;
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.goto(new URL(path, start).href);
        await accessible(what, page);
        await page.setViewportSize({ width: 400, height: 900 });
        await page.goto(new URL(path, start).href);
        await fits(`${what}, 400 px wide`, page);
      }
      await page.context().close();
    }
  }
}

await look(async (browser) => {
  await asAPerson(browser);
  await withoutScripts(browser);
  await hostileTexts(browser);
  await everyone(browser);
});
