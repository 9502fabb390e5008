// Looks at a report in a browser: node report.mjs FILE.html
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { accessible, check, fits, look } from './browser.mjs';

const file = process.argv[2];
if (!file) {
  console.error('usage: node report.mjs FILE.html');
  process.exit(2);
}
const address = pathToFileURL(resolve(file)).href;

/** The page as this reader sees it, and the addresses that it asked for. */
async function open(browser, options) {
  const context = await browser.newContext({ bypassCSP: true, ...options });
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(address);
  return { page, asked };
}

await look(async (browser) => {
  for (const colorScheme of ['light', 'dark']) {
    const { page, asked } = await open(browser, { colorScheme, viewport: { width: 1280, height: 900 } });
    check(`${colorScheme}: asks for nothing but itself`, asked.filter((url) => url !== address));
    check(`${colorScheme}: no script`, await page.$$eval('script', (all) => all.map((one) => one.outerHTML.slice(0, 80))));
    // What is folded is read too.
    await page.$$eval('details', (all) => all.forEach((one) => { one.open = true; }));
    await accessible(colorScheme, page);
    await page.context().close();
  }

  const { page } = await open(browser, { viewport: { width: 400, height: 800 } });
  await fits('400 px wide', page);
  const nameless = await page.$$eval('svg', (all) => all.filter((svg) => {
    const names = (svg.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id));
    return svg.getAttribute('role') !== 'img' || names.some((name) => !name?.textContent.trim());
  }).length);
  check('every picture has a name', nameless > 0 ? [`${nameless} have none`] : []);
});
