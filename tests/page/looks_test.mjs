// SPDX-License-Identifier: Apache-2.0
// looks_test.mjs: what the page looks like, against the pictures in looks/.
//
// The data is that of tests/golden, where no time and no address changes, and traces of two of the examples, as text.
// With STRAY_UPDATE_LOOKS=1 the pictures are taken anew (scripts/update-looks); then look at them. A picture that
// differs is left beside the copy of this file that runs, as NAME.png, with what differs as NAME.diff.png. SOURCE is
// the folder of the project, STRAY the command.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';
import pixelmatch from 'pixelmatch';
import {PNG} from 'pngjs';
import {openBrowser} from './browser.mjs';

const {STRAY, SOURCE, STRAY_UPDATE_LOOKS: isUpdate} = process.env;
const kHere = dirname(fileURLToPath(import.meta.url));
const kLooks = join(SOURCE, 'tests/page/looks');
const kGolden = join(SOURCE, 'tests/golden');
// Another release of the browser draws some edges of letters otherwise.
const kMostDifferent = 0.002;

const kWide = {width: 1200, height: 720}, kNarrow = {width: 400, height: 800};
const looks = [
  {name: 'findings', from: ['deadlock_with_followers/dump.txt'], hash: '#/findings', size: kWide},
  {name: 'findings_dark', from: ['leak_of_each_kind_with_io/dump.txt'], hash: '#/findings', size: kWide, scheme: 'dark'},
  {name: 'findings_narrow', from: ['deadlock_abba/dump.txt'], hash: '#/findings', size: kNarrow},
  {name: 'findings_incomplete', from: ['incomplete_losses/dump.txt'], hash: '#/findings', size: kWide},
  {name: 'findings_predicted', from: ['trace_races/log.std'], hash: '#/findings', size: kWide},
  {name: 'tasks', from: ['list_go119_debug2/log.txt'], hash: '#/tasks', size: kWide},
  {name: 'tasks_narrow', from: ['list_go119_debug2/log.txt'], hash: '#/tasks', size: kNarrow},
  {name: 'task', from: ['deadlock_with_followers/dump.txt'], hash: '#/tasks?by=reason&task=3', size: kWide},
  {name: 'flame', from: ['list_go119_debug2/log.txt'], hash: '#/flame', size: kWide},
  {name: 'flame_profile', from: ['list_go119_contention/log.block'], hash: '#/flame', size: kWide},
  {name: 'graph', from: ['deadlock_with_followers/dump.txt'], hash: '#/graph', size: kWide},
  {name: 'object', from: ['deadlock_with_followers/dump.txt'], hash: '#/objects?object=1', size: kWide},
  {name: 'timeline', from: ['../page/looks/job_queue.txt'], hash: '#/timeline', size: kWide},
  {name: 'timeline_race', from: ['../page/looks/prediction.txt'], hash: '#/timeline?of=1', size: kWide},
  {name: 'timeline_dark', from: ['../page/looks/job_queue.txt'], hash: '#/timeline?order=waiting', size: kNarrow, scheme: 'dark'},
  {name: 'compare', from: ['diffs/growing_service/1.txt', 'diffs/growing_service/6.txt'], hash: '#/compare', size: kWide},
];

let browser, folder;
before(async () => {
  browser = await openBrowser();
  folder = mkdtempSync(join(tmpdir(), 'stray-looks-'));
});
after(async () => {
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
});

function pageOf({name, from}) {
  const file = join(folder, `${name}.html`);
  const verb = from.length === 2 ? 'diff' : 'report';
  const done = spawnSync(STRAY, [verb, '--format', 'html', '-o', file, ...from], {cwd: kGolden, encoding: 'utf8'});
  assert.ok(existsSync(file), `no page: ${done.stderr}`);
  return file;
}

async function pictureOf(look) {
  const page = await browser.newPage();
  try {
    await page.setViewport(look.size);
    await page.emulateTimezone('UTC');
    await page.emulateMediaFeatures([{name: 'prefers-color-scheme', value: look.scheme ?? 'light'},
                                     {name: 'prefers-reduced-motion', value: 'reduce'}]);
    await page.goto(pathToFileURL(pageOf(look)).href + look.hash);
    await page.waitForSelector('main');
    // What is measured after the first paint.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    return PNG.sync.read(Buffer.from(await page.screenshot()));
  } finally {
    await page.close();
  }
}

/** Letters are as wide here as they were when the pictures were taken. */
async function hasTheSameFonts() {
  const page = await browser.newPage();
  const width = await page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d');
    return ['13px system-ui', '13px monospace'].map((font) => {
      context.font = font;
      return context.measureText('Goroutines wait for what nobody sends').width;
    });
  });
  await page.close();
  const file = join(kLooks, 'fonts.json');
  const text = `${JSON.stringify(width)}\n`;
  if (isUpdate) writeFileSync(file, text);
  return readFileSync(file, 'utf8') === text;
}

test('the page looks as it did', async (context) => {
  if (!await hasTheSameFonts()) return context.skip('the fonts are others than in the pictures');
  for (const look of looks) {
    await context.test(look.name, async () => {
      const picture = await pictureOf(look), file = join(kLooks, `${look.name}.png`);
      if (isUpdate) return writeFileSync(file, PNG.sync.write(picture));
      const known = PNG.sync.read(readFileSync(file));
      const {width, height} = picture;
      assert.deepEqual([width, height], [known.width, known.height]);
      const difference = new PNG({width, height});
      const pixels = pixelmatch(known.data, picture.data, difference.data, width, height, {threshold: 0.2});
      if (pixels <= width * height * kMostDifferent) return;
      writeFileSync(join(kHere, `${look.name}.png`), PNG.sync.write(picture));
      writeFileSync(join(kHere, `${look.name}.diff.png`), PNG.sync.write(difference));
      assert.fail(`${pixels} pixels differ: ${join(kHere, look.name)}.png, .diff.png`);
    });
  }
});
