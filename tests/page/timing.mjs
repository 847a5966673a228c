// SPDX-License-Identifier: Apache-2.0
// timing.mjs: how long the page takes, as a browser sees it: what scripts/bench --only page prints.
//
//   node timing.mjs FILE.html [ROUNDS]
//
// Prints one JSON object: milliseconds, the median of the rounds.
import {pathToFileURL} from 'node:url';
import {openBrowser} from './browser.mjs';

const [file, rounds = '5'] = process.argv.slice(2);
const kWords = 'Stage<3> reason:send';

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** From a key to the frame after the one that shows what it has changed. */
async function keystrokes(page) {
  await page.evaluate(() => {
    window.keyTimes = [];
    addEventListener('keydown', () => {
      const begin = performance.now();
      requestAnimationFrame(() => setTimeout(() => window.keyTimes.push(performance.now() - begin)));
    }, true);
  });
  await page.focus('#filter');
  for (const key of kWords) await page.keyboard.type(key);
  await page.waitForFunction((count) => window.keyTimes.length === count, {}, kWords.length);
  return page.evaluate(() => window.keyTimes);
}

const browser = await openBrowser();
const times = {first_paint: [], drawn: [], keystroke: [], slowest_keystroke: [], flame: []};
for (let round = 0; round < Number(rounds); ++round) {
  const page = await browser.newPage();
  await page.setViewport({width: 1280, height: 800});
  await page.goto(pathToFileURL(file).href);
  await page.waitForFunction(() => performance.getEntriesByName('stray.drawn').length > 0 &&
                                   performance.getEntriesByName('first-contentful-paint').length > 0);
  const [paint, drawn] = await page.evaluate(() => ['first-contentful-paint', 'stray.drawn']
      .map((name) => performance.getEntriesByName(name)[0].startTime));
  times.first_paint.push(paint);
  times.drawn.push(drawn);
  await page.evaluate(() => { location.hash = '#/tasks'; });
  await page.waitForSelector('.rows');
  const keys = await keystrokes(page);
  times.keystroke.push(median(keys));
  times.slowest_keystroke.push(Math.max(...keys));
  times.flame.push(await page.evaluate(() => new Promise((done) => {
    const begin = performance.now();
    location.hash = '#/flame';
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(performance.now() - begin))));
  })));
  await page.close();
}
await browser.close();
console.log(JSON.stringify(Object.fromEntries(Object.entries(times).map(([name, all]) => [name, Math.round(median(all))]))));
