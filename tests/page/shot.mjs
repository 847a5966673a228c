// SPDX-License-Identifier: Apache-2.0
// shot.mjs: a picture of the page, to look at while working on it.
//
//   node shot.mjs FILE.html OUT.png [#/tasks?by=created] [WIDTHxHEIGHT] [dark]
import {pathToFileURL} from 'node:url';
import {openBrowser} from './browser.mjs';

const [file, out, hash = '', size = '1440x900', scheme = 'light'] = process.argv.slice(2);
const [width, height] = size.split('x').map(Number);
const browser = await openBrowser();
const page = await browser.newPage();
page.on('console', (message) => console.error(message.text()));
page.on('pageerror', (error) => console.error(String(error)));
await page.setViewport({width, height});
await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: scheme}]);
await page.goto(pathToFileURL(file).href + hash);
await page.waitForSelector('main');
await new Promise((done) => setTimeout(done, 150));
await page.screenshot({path: out});
await browser.close();
