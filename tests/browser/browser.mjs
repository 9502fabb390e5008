// What every look at a page shares: a browser, checks that count, axe. CHROMIUM names the browser; /usr/bin/chromium if it does not.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let failed = 0;

/** A line for what holds, or for what does not and why. */
export function check(what, problems) {
  if (problems.length > 0) failed += 1;
  console.log(`${problems.length === 0 ? 'ok    ' : 'FAILED'} ${what}${problems.map((problem) => `\n         ${problem}`).join('')}`);
}

/** That what was found is as it should be. */
export const holds = (what, is, found = '') => check(what, is ? [] : [`${found}`]);

/** That axe finds nothing serious on a page as it stands. The page is of a context with `bypassCSP`: its policy keeps axe out too. */
export async function accessible(what, page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  const isGrave = ({ impact }) => ['serious', 'critical'].includes(impact);
  const lesser = violations.filter((one) => !isGrave(one)).map(({ id }) => id);
  check(
    `${what}: axe finds nothing serious or critical${lesser.length > 0 ? ` (lesser: ${lesser.join(', ')})` : ''}`,
    violations.filter(isGrave).map(({ id, help, nodes }) => `${id}: ${help}; ${nodes.length} times, first ${nodes[0].target.join(' ')}: ${nodes[0].html}`),
  );
}

/** That nothing but pictures and tables of their own scrolls sideways. */
export async function fits(what, page) {
  const out = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  holds(`${what}: nothing sticks out`, out <= 0, `${out} pixels`);
}

/** Runs what looks at pages; the exit code is 1 where a check failed or the look broke off. */
export async function look(run) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
  try {
    await run(browser);
  } catch (error) {
    check('the look went on to its end', [error.stack]);
  } finally {
    await browser.close();
  }
  process.exit(failed > 0 ? 1 : 0);
}
