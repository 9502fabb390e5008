// Clicks, filters, steps and searches in `tribunal view`, as a person would, and looks at what hostile texts do.
// node view.mjs ADDRESS HOSTILE_ADDRESS; $CHROMIUM names the browser. Prints a line for each check; exits with 1 where one fails.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [address, hostile] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
let failed = 0;
const check = (what, is, found = "") => {
  failed += is ? 0 : 1;
  console.log(`${is ? "ok" : "FAILED"}: ${what}${is ? "" : ` (${found})`}`);
};

async function open(start, options = {}) {
  // axe is put into the page past its policy, in a context of its own; all else is under the policy.
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("dialog", (dialog) => { wrong.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
  page.on("pageerror", (error) => wrong.push(`error ${error.message}`));
  page.on("console", (message) => { if (message.type() === "error") wrong.push(`console ${message.text()}`); });
  page.on("request", (request) => { if (!request.url().startsWith(start)) wrong.push(`request ${request.url()}`); });
  page.on("popup", () => wrong.push("popup"));
  return { page, wrong, context };
}
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const text = (page, selector) => page.locator(selector).first().innerText();
const number = (said) => Number(said.split(" ")[0].replaceAll(",", ""));

{
  const { page, wrong } = await open(address);
  await page.goto(address);
  const all = number(await text(page, "#conclusion"));
  check("the list says how many there are", all > 100, all);
  await Promise.all([page.waitForURL(/outcome=wrong/), page.selectOption("select[name=outcome]", "wrong")]);
  const outcomes = await page.locator("#results tbody td:nth-child(5)").allInnerTexts();
  check("choosing an outcome filters", outcomes.length > 0 && outcomes.every((one) => one.includes("wrong")), outcomes);
  await page.keyboard.press("/");
  check("the slash goes to the search", await page.evaluate(() => document.activeElement.name === "q"));
  await page.keyboard.type("[[a]]");
  await Promise.all([page.waitForURL(/q=/), page.keyboard.press("Enter")]);
  const found = number(await text(page, "#conclusion"));
  check("a search narrows what was chosen", found > 2 && found < all && page.url().includes("outcome=wrong"), found);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await Promise.all([page.waitForURL(/\/case/), page.keyboard.press("Enter")]);
  check("j and Enter open the second", (await text(page, "#place")).startsWith("2 of "), await text(page, "#place"));
  check("the verdict is marked in the reply", (await page.locator("mark").count()) > 0);
  check("one answer is the gold", (await page.locator(".answer.best").count()) === 1);
  await Promise.all([page.waitForURL(/\/case/), page.keyboard.press("j")]);
  await page.waitForFunction(() => document.querySelector("#place").innerText.startsWith("3 of "));
  check("j steps on", true);
  await page.keyboard.press("k");
  await page.waitForFunction(() => document.querySelector("#place").innerText.startsWith("2 of "));
  check("k steps back", true);
  await Promise.all([page.waitForURL(/raw=1/), page.keyboard.press("m")]);
  check("m shows texts as they are written", (await page.locator("pre.foreign").count()) > 2);
  const order = await text(page, "main p.faint");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("o")]);
  check("o turns to the other order", (await text(page, "main p.faint")) !== order, order);
  const link = page.url();
  await Promise.all([page.waitForNavigation(), page.locator("#main table a").first().click()]);
  check("another judge is one click away", page.url() !== link, link);
  await Promise.all([page.waitForURL((url) => url.pathname === "/"), page.keyboard.press("u")]);
  check("u goes back to the list, with its filter", page.url().includes("outcome=wrong"), page.url());
  await page.goto(`${address}?q=${encodeURIComponent("not to be found anywhere")}`);
  check("nothing found is said", (await text(page, "#results")).startsWith("None"), await text(page, "#results"));
  check("no error, dialog or request to elsewhere", wrong.length === 0, wrong.join("; "));
}

{
  const { page, context } = await open(address, { javaScriptEnabled: false });
  await page.goto(address);
  await page.selectOption("select[name=odd]", "orders");
  await Promise.all([page.waitForURL(/odd=orders/), page.locator("form button").click()]);
  await Promise.all([page.waitForURL(/\/case/), page.locator("#results a").first().click()]);
  check("without scripts it filters and opens all the same", (await text(page, "#place")).startsWith("1 of "));
  await context.close();
}

{
  const { page, wrong } = await open(hostile);
  await page.goto(hostile);
  await page.locator("#results a").first().click();
  for (const step of ["as Markdown", "as it is written"]) {
    check(`hostile, ${step}: one main part, nothing of theirs`, await page.evaluate(() =>
      document.querySelectorAll("main").length === 1 && document.querySelectorAll("script").length === 1 &&
      document.querySelectorAll(".foreign :is(a, img, script, style, iframe, form, input, link, svg)").length === 0));
    const out = await page.evaluate(() => [...document.querySelectorAll(".foreign")].filter((box) => {
      const [own, around] = [box.getBoundingClientRect(), box.parentElement.getBoundingClientRect()];
      return own.left < around.left - 1 || own.right > around.right + 1;
    }).length);
    check(`hostile, ${step}: each text stays in its box`, out === 0, out);
    check(`hostile, ${step}: nothing sticks out`, (await overflow(page)) <= 0, await overflow(page));
    const title = page.locator("#all-title");
    await title.scrollIntoViewIfNeeded();
    const covered = await title.evaluate((one) => {
      const box = one.getBoundingClientRect();
      return document.elementFromPoint(box.left + 5, box.top + box.height / 2) !== one;
    });
    check(`hostile, ${step}: what follows is not covered`, !covered);
    await Promise.all([page.waitForNavigation(), page.keyboard.press("m")]);
  }
  check("hostile: no error, dialog or request to elsewhere", wrong.length === 0, wrong.join("; "));
}

for (const start of [address, hostile]) {
  for (const colorScheme of ["light", "dark"]) {
    const { page, context } = await open(start, { colorScheme, bypassCSP: true });
    await page.goto(start);
    const first = await page.locator("#results a").first().getAttribute("href");
    for (const path of ["/", first]) {
      await page.goto(new URL(path, start).href);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => axe.run());
      const serious = violations.filter((one) => ["serious", "critical"].includes(one.impact));
      const told = serious.map((one) => `${one.id}: ${one.nodes[0].html}`).join("; ");
      check(`axe, ${start === hostile ? "hostile, " : ""}${colorScheme}, ${path.split("?")[0]}: nothing serious`, serious.length === 0, told);
    }
    await page.setViewportSize({ width: 400, height: 900 });
    for (const path of ["/", first]) {
      await page.goto(new URL(path, start).href);
      check(`400 px wide, ${path.split("?")[0]}: nothing sticks out`, (await overflow(page)) <= 0, await overflow(page));
    }
    await context.close();
  }
}

await browser.close();
process.exit(failed === 0 ? 0 : 1);
