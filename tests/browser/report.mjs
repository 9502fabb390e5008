// Looks at a report in a browser: node report.mjs FILE.html
// CHROMIUM names the browser; /usr/bin/chromium if it does not.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const file = process.argv[2];
if (!file) {
  console.error('usage: node report.mjs FILE.html');
  process.exit(2);
}
const address = pathToFileURL(resolve(file)).href;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let failed = 0;

function check(what, problems) {
  if (problems.length > 0) failed += 1;
  console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${what}${problems.map((problem) => `\n         ${problem}`).join('')}`);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking'],
});

/** The page as this reader sees it, and the addresses that it asked for. */
async function open(options) {
  // The page's own policy stands in the way of axe alone, which is no part of the page.
  const context = await browser.newContext({ bypassCSP: true, ...options });
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(address);
  return { page, asked };
}

try {
  for (const colorScheme of ['light', 'dark']) {
    const { page, asked } = await open({ colorScheme, viewport: { width: 1280, height: 900 } });
    check(`${colorScheme}: asks for nothing but itself`, asked.filter((url) => url !== address));
    check(`${colorScheme}: no script`, await page.$$eval('script', (all) => all.map((one) => one.outerHTML.slice(0, 80))));
    // What is folded is read too.
    await page.$$eval('details', (all) => all.forEach((one) => { one.open = true; }));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
    check(
      `${colorScheme}: axe finds nothing serious or critical (${violations.length - grave.length} lesser)`,
      grave.map(({ id, help, nodes }) => `${id}: ${help}; ${nodes.length} times, first ${nodes[0].target.join(' ')}`),
    );
    await page.context().close();
  }

  const { page } = await open({ javaScriptEnabled: true, viewport: { width: 400, height: 800 } });
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  check('400 pixels: nothing but pictures and tables scrolls sideways', wide > room ? [`${wide} pixels wide`] : []);
  const pictures = await page.$$eval('svg', (all) => all.filter((svg) => {
    const names = (svg.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id));
    return svg.getAttribute('role') !== 'img' || names.some((name) => !name?.textContent.trim());
  }).length);
  check('every picture has a name', pictures > 0 ? [`${pictures} have none`] : []);
} finally {
  await browser.close();
}
process.exit(failed > 0 ? 1 : 0);
