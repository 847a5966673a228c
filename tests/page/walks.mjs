// SPDX-License-Identifier: Apache-2.0
// walks.mjs: what all tests of the page in a browser need: dumps of real runs, their pages, and a browser to open them in.
//
// STRAY and CROWD name the command and crowd.cc, SOURCE the folder of the project. Whatever a page writes to the
// console as an error, and whatever it asks the network for, fails the test that has opened it.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {openBrowser} from './browser.mjs';

export const {STRAY, CROWD, SOURCE} = process.env;
/** Between start() and stop(). */
export let folder, browser;

export async function start() {
  folder = mkdtempSync(join(tmpdir(), 'stray-page-'));
  browser = await openBrowser();
}

export async function stop() {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
}

/** Path of the dump of a run of crowd. */
export function dumpOf(verb, ...options) {
  const into = mkdtempSync(join(folder, `${verb}-`));
  spawnSync(STRAY, ['run', '--quiet', ...options, '--output', into, '-o', '/dev/null', '--', CROWD, verb], {timeout: 60000});
  const dumps = readdirSync(into).filter((name) => name.endsWith('.stray'));
  assert.equal(dumps.length, 1, `dumps of crowd ${verb}`);
  return join(into, dumps[0]);
}

export function report(...parameters) {
  return spawnSync(STRAY, ['report', ...parameters], {encoding: 'utf8', timeout: 60000, maxBuffer: 1 << 28}).stdout;
}

/** The page of a dump. */
export function pageOf(name, dump, ...options) {
  const file = join(folder, `${name}.html`);
  report('--format', 'html', '-o', file, ...options, dump);
  return {file, dump};
}

/** Opens a page, lets `walk` use it, and fails if there was anything to complain of. */
export async function visit(address, walk, {hash = '', width = 1280, height = 800, scheme = 'light'} = {}) {
  const page = await browser.newPage();
  const complaints = [], asked = [];
  page.on('console', (message) => { if (['error', 'warn'].includes(message.type())) complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => { if (!/^(file|data|blob):/.test(request.url())) asked.push(request.url()); });
  page.on('dialog', (dialog) => { complaints.push(`dialog: ${dialog.message()}`); void dialog.dismiss(); });
  await page.setViewport({width, height});
  await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
  const isFile = address.startsWith('/');
  await page.goto((isFile ? pathToFileURL(address).href : address) + hash);
  await page.waitForSelector('main');
  await walk(page);
  assert.deepEqual(complaints, []);
  if (isFile) assert.deepEqual(asked, []);
  await page.close();
}

export const textOf = (page, selector) => page.$eval(selector, (element) => element.innerText.replace(/\s+/g, ' ').trim());
export const textsOf = (page, selector) =>
    page.$$eval(selector, (all) => all.map((element) => element.innerText.replace(/\s+/g, ' ').trim()));
export const waitFor = (page, selector, text) =>
    page.waitForFunction((s, t) => [...document.querySelectorAll(s)].some((one) => one.innerText.includes(t)), {}, selector, text);
export const show = async (page, hash) => {
  await page.evaluate((to) => { location.hash = to; }, hash);
  await page.waitForSelector(`main.view-${hash.split(/[/?]/)[1]}`);
};
