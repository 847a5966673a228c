// SPDX-License-Identifier: Apache-2.0
// views_test.mjs: walks through every view of the page in a real browser, on dumps of real runs.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import axe from 'axe-core';
import {dumpOf, folder, pageOf, report, show, SOURCE, start, stop, STRAY, textOf, textsOf, visit, waitFor} from './walks.mjs';

const kViews = ['findings', 'tasks', 'flame', 'graph', 'objects'];
// Two writes that a lock orders, as it happened (docs/TRACE.md).
const kTrace = ['T0|fork(T1)|1', 'T0|w(x)|2', 'T0|acq(m)|3', 'T0|rel(m)|4', 'T1|acq(m)|10', 'T1|rel(m)|11', 'T1|w(x)|12', ''].join('\n');
// As Go prints a mutex profile.
const kProfile = ['--- mutex:', 'cycles/second=1000000000', 'sampling period=1', '31000000 2 @ 0x401000 0x402000',
                  '#\t0x401000\tshop.Pay+0x40\t/src/shop/pay.go:17', '#\t0x402000\tmain.main+0x20\t/src/shop/main.go:9', ''].join('\n');

/** A trace with a race at each of `count` pairs of places. */
function manyRaces(count) {
  const lines = ['T0|fork(T1)|1'];
  for (let i = 0; i < count; ++i) lines.push(`T0|w(x${i})|${2 * i + 2}`, `T1|w(x${i})|${2 * i + 3}`);
  return `${lines.join('\n')}\n`;
}

const pages = {};

before(async () => {
  await start();
  for (const verb of ['abba', 'pipeline', 'names', '300', '100000']) pages[verb] = pageOf(verb, dumpOf(verb));
  const whole = readFileSync(pages['100000'].dump);
  const cut = join(folder, 'cut.stray');
  writeFileSync(cut, whole.subarray(0, Math.floor(whole.length * 0.9)));
  pages.damaged = pageOf('damaged', cut);
  pages.proved = pageOf('proved', dumpOf('pipeline', '--prove'));
  const trace = join(folder, 'lock.std');
  writeFileSync(trace, kTrace);
  pages.trace = pageOf('trace', trace);
  pages.race = pageOf('race', join(SOURCE, 'tests/page/looks/prediction.txt'));
  const races = join(folder, 'many.std');
  writeFileSync(races, manyRaces(250));
  pages.many = pageOf('many', races);
  const waits = join(folder, 'waits.mutex');
  writeFileSync(waits, kProfile);
  pages.profile = pageOf('profile', waits);
  pages.recorded = pageOf('recorded', dumpOf('pipeline', '--trace'));
  const few = dumpOf('100'), more = dumpOf('160');
  pages.compare = {file: join(folder, 'compare.html'), dump: more};
  spawnSync(STRAY, ['diff', '--format', 'html', '-o', pages.compare.file, few, more]);
});

after(stop);

test('a deadlock of two threads: sentence, source lines, circle', () => visit(pages.abba.file, async (page) => {
  const {findings} = JSON.parse(report('--format', 'json', pages.abba.dump));
  assert.equal(await textOf(page, '.explanation'), findings[0].explanation);
  assert.equal(await textOf(page, '.finding-detail h2'), findings[0].title);
  assert.deepEqual(await textsOf(page, '.finding-item .title'), findings.map((finding) => finding.title));
  assert.ok((await textsOf(page, '.stack .source')).includes('std::lock_guard lock_to(to);'));
  assert.match(await page.$eval('.finding-detail .as-text pre', (pre) => pre.textContent.replace(/\s+/g, ' ')), /1 deadlock\.cycle proved .* Neither can go on/);

  await page.evaluate(() => [...document.querySelectorAll('.actions a')].find((a) => a.innerText === 'Graph').click());
  await page.waitForSelector('svg.graph');
  assert.equal((await page.$$('.edge.cycle')).length, 4);
  const sentences = await textsOf(page, '.sentences li.cycle');
  assert.ok(sentences.some((text) => /^T\d+ "in" waits for mutex bank::current/.test(text)), sentences.join('; '));
  assert.ok(sentences.some((text) => /^mutex bank::current is held by T\d+ "out"/.test(text)), sentences.join('; '));
  await page.$eval('.node.object', (node) => node.focus());
  await page.keyboard.press('Enter');
  await waitFor(page, '.node-panel h2', 'mutex bank::');
}));

test('a leaked pipeline: users of the channel, its buffer, the rule', () => visit(pages.pipeline.file, async (page) => {
  assert.match(await textOf(page, '.headline'), /2 findings in crowd .* 2 leaks/);
  await page.evaluate(() => [...document.querySelectorAll('.actions button')].find((b) => b.innerText === 'Suppress…').click());
  assert.match(await textOf(page, '.rule pre'), /^leak\.\w+ function=pipeline::\S+ created=pipeline::\S+ # why:/);
  await show(page, '#/objects');
  assert.equal((await page.$$('.object-row')).length, 2);
  await page.evaluate(() => [...document.querySelectorAll('.object-row')].find((row) => /Numbers/.test(row.innerText))?.click());
  await page.waitForSelector('.panel .cells');
  assert.equal((await page.$$('.cells .full')).length, 2);
  assert.match(await textOf(page, '.panel .queue'), /1 task in chan send G\d+ "numbers"/);
  assert.match(await textOf(page, '.panel .uses'), /receive by G\d+ "squares"/);
}));

test('what a trace foresees: an order of its events, a column for each task', () => visit(pages.trace.file, async (page) => {
  const rows = await page.$$eval('.schedule tr', (all) => all.map((row) => [...row.cells].map((one) => one.innerText.trim())));
  const written = (cell) => /^writes x/.test(cell);
  assert.deepEqual(rows[0].map((cell) => /^(T\d+|main)/.test(cell)), [true, true], rows.join('\n'));
  assert.ok(rows.at(-1).every(written), rows.join('\n'));
  const locks = rows.findIndex((row) => row.some((cell) => /^locks m/.test(cell)));
  assert.ok(locks > 0 && /^unlocks m/.test(rows[locks + 1][rows[locks].findIndex((cell) => cell !== '')]), rows.join('\n'));
  assert.equal(await page.$eval('.schedule tbody tr:last-child', (row) => row.className), 'next');
  // That order stands there once.
  assert.deepEqual(await textsOf(page, '.finding-detail > .facts dt'), ['memory', 'seen']);
}));

test('who could reach what, where a dump knows', () => visit(pages.proved.file, async (page) => {
  await page.waitForSelector('svg.graph');
  assert.equal((await page.$$('.edge.reach')).length, 0);
  await page.click('.toggle input');
  await page.waitForSelector('.edge.reach');
  const sentences = await textsOf(page, '.sentences li');
  assert.ok(sentences.some((text) => /^channel Ch\d+ can be reached by G\d+ "squares"$/.test(text)), sentences.join('; '));
  assert.equal((await page.$$('.node.task.stuck')).length, 2);
  await show(page, '#/objects');
  await page.click('.object-row');
  await waitFor(page, '.panel h3', 'Who could reach it');
}, {hash: '#/graph'}));

test('names of the program are text, whatever they look like', () => visit(pages.names.file, async (page) => {
  for (const view of kViews) {
    await show(page, `#/${view}`);
    await page.waitForFunction(() => document.querySelector('main').innerText.length > 0);
    assert.equal(await page.$('main script, main img, main iframe'), null, view);
    assert.doesNotMatch(await page.title(), /^owned/);
  }
  await show(page, '#/tasks?by=name');
  const names = (await textsOf(page, '.group-row .function')).join('\n');
  assert.ok(names.includes("<script>document.title='owned'</script>"), names);
  assert.ok(names.includes('</script><img src=x onerror=alert(1)>'), names);
  assert.ok(names.includes('red\\x1b[31m\\x07 bell'), names);
  assert.ok(names.includes('rtl \\xe2\\x80\\xaegpj.exe'), names);
  await show(page, `#/tasks?by=${encodeURIComponent("label.<script>document.title='owned'</script>")}`);
  assert.equal((await page.$$('.group-row')).length, 2);
}));

test('a damaged dump says so above everything', () => visit(pages.damaged.file, async (page) => {
  const {remarks} = JSON.parse(report('--format', 'json', pages.damaged.dump));
  const warning = await textOf(page, '.warning');
  assert.match(warning, /^Data is incomplete/);
  for (const {text} of remarks.filter((remark) => remark.incomplete)) assert.ok(warning.includes(text.replace(/\s+/g, ' ')), warning);
  for (const view of kViews) {
    await show(page, `#/${view}`);
    assert.ok(await page.$eval('.warning', (element) => element.checkVisibility()), view);
  }
}));

test('a hundred thousand tasks: groups, filter, flame graph, graph', () => visit(pages['100000'].file, async (page) => {
  assert.match(await textOf(page, '.slices'), /100,001 blocked/);
  await show(page, '#/tasks?by=reason');
  const groups = await textsOf(page, '.group-row');
  assert.match(groups[0], /60,000 60% chan send/);
  await page.focus('.rows');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('End');
  await page.waitForFunction(() => document.querySelector('.row.active') !== null && document.querySelector('.rows').scrollTop > 1e6);
  assert.ok((await page.$$('.rows .row')).length < 120);
  await page.keyboard.press('/');
  await page.keyboard.type('Stage<3> reason:send');
  await waitFor(page, '.filter-count', '6,000 of 100,002 tasks');
  for (const view of ['flame', 'graph', 'objects', 'findings']) {
    await show(page, `#/${view}?q=${encodeURIComponent('Stage<3> reason:send')}`);
    await waitFor(page, '.filter-count', '6,000 of 100,002 tasks');
  }
  assert.equal((await page.$$('.finding-item')).length, 1);
  await show(page, '#/flame?first=reason');
  const reasons = await page.$$eval('.frame[aria-level="2"]', (all) => all.map((one) => one.getAttribute('aria-label')));
  assert.ok(reasons.some((label) => label.startsWith('chan send: 60,000 tasks, 60%')), reasons.join('; '));
  await show(page, '#/graph');
  assert.ok((await page.$$('.node')).length < 60);
  await waitFor(page, '.sentences li', 'is held by G');
}));

test('flame graph: zoom, invert, marks, by keys', () => visit(pages['100000'].file, async (page) => {
  await page.focus('.frame.active');
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
  assert.match(await textOf(page, '.flame-status'), /^shop::Serve<\d>/);
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash.includes('zoom='));
  const width = await page.$eval('.frame[aria-level="4"]', (frame) => frame.getBoundingClientRect().width);
  assert.ok(width > 1000, `zoomed frame is ${width} wide`);
  await page.keyboard.press('Escape');
  await show(page, '#/flame?inverted=1&find=AwaitJob');
  await page.waitForSelector('.frame.hit');
  assert.match(await textOf(page, '.flame-status'), /20% match/);
  await show(page, '#/flame?weight=wait&stack=created&internal=1');
  assert.match(await page.$eval('.frame[aria-level="1"]', (frame) => frame.ariaLabel), /in 100,\d+ tasks, 100%/);
}, {hash: '#/flame'}));

test('everything can be reached by keys', () => visit(pages.abba.file, async (page) => {
  const keys = ['2', '3', '4', '5', '1'];
  for (const [i, view] of ['tasks', 'flame', 'graph', 'objects', 'findings'].entries()) {
    await page.keyboard.press(keys[i]);
    await page.waitForSelector(`main.view-${view}`);
  }
  await page.focus('.finding-item');
  await page.keyboard.press('ArrowDown');
  await waitFor(page, '.finding-detail h2', 'All 3 tasks are blocked');
  await page.keyboard.press('2');
  await page.waitForSelector('.rows');
  await page.focus('.rows');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.panel h2');
  assert.match(await textOf(page, '.panel h2'), /^(main|T\d+ ")/);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.querySelector('.panel') === null);
  await page.keyboard.press('?');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.querySelector('dialog[open]') === null);
  // Tab comes to every control there is, and shows where it is.
  const seen = new Set();
  for (let i = 0; i < 40; ++i) {
    await page.keyboard.press('Tab');
    seen.add(await page.evaluate(() => document.activeElement.ariaLabel || document.activeElement.innerText || document.activeElement.tagName));
  }
  for (const name of ['Filter tasks in all views', 'Groups of tasks']) assert.ok(seen.has(name), [...seen].join(' | '));
}));

test('a recording: what each task did when, who woke whom', () => visit(pages.recorded.file, async (page) => {
  await page.keyboard.press('6');
  await page.waitForSelector('main.view-timeline .life-row canvas');
  const rows = await textsOf(page, '.rows .row:not(.head) .task-name');
  for (const name of [/^main$/, /^G\d+ "numbers"$/, /^G\d+ "squares"$/])
    assert.equal(rows.filter((row) => name.test(row)).length, 1, rows.join('\n'));
  assert.match(await textOf(page, '.life-legend'), /running .*channel \d+%/);
  assert.ok((await page.$$('.life-arrows > path')).length > 2);

  // The stretch in which a stage of the pipeline waits for ever, by keys.
  await page.focus('.rows');
  await page.keyboard.press('Home');
  const at = rows.findIndex((row) => /"numbers"/.test(row));
  for (let i = 0; i < at; ++i) await page.keyboard.press('ArrowDown');
  await waitFor(page, '.panel h2', '"numbers"');
  for (let i = 0; i < 30; ++i) await page.keyboard.press('ArrowRight');
  assert.match(await textOf(page, '.panel h2'), /"numbers": chan send$/);
  assert.match(await textOf(page, '.panel'), /on channel Ch\d+ then nothing more is known .*pipeline::/);
  await page.keyboard.press('ArrowLeft');
  assert.match(await textOf(page, '.panel h2'), /"numbers": running$/);
  const all = await textOf(page, '.controls [role="status"]');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => /from=\d+&to=\d+/.test(location.hash));
  assert.notEqual(await textOf(page, '.controls [role="status"]'), all);
  await page.keyboard.press('-');
  await page.keyboard.press('0');
  await page.waitForFunction(() => !/from=/.test(location.hash));
  assert.equal(await textOf(page, '.controls [role="status"]'), all);
  // What is drawn is not one colour.
  const colours = await page.$$eval('.life-canvas', (canvases) => canvases.map((canvas) => {
    const {data} = canvas.getContext('2d').getImageData(0, Math.floor(canvas.height / 2), canvas.width, 1);
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) seen.add(data.slice(i, i + 4).join());
    return seen.size;
  }));
  assert.ok(colours.some((count) => count > 2), colours.join(' '));
  await page.click('.life-row .life-track canvas');
  await page.waitForSelector('.panel h2');
  await page.keyboard.press('/');
  await page.keyboard.type('squares');
  await page.waitForFunction(() => document.querySelectorAll('.rows .row:not(.head)').length === 1);
}));

test('a finding of a recording: when its tasks did what', () => visit(pages.recorded.file, async (page) => {
  const [button] = await page.$$('xpath/.//a[text()="Timeline"][contains(@class, "button")]');
  await button.click();
  await page.waitForSelector('main.view-timeline .life-row canvas');
  const some = (await textsOf(page, '.rows .row:not(.head) .task-name')).length;
  const [all] = await page.$$('xpath/.//button[starts-with(text(), "Not only finding")]');
  await all.click();
  await page.waitForFunction((count) => document.querySelectorAll('.rows .row:not(.head)').length > count, {}, some);
}));

test('a race on the timeline: both accesses, and what came between', () => visit(pages.race.file, async (page) => {
  const [button] = await page.$$('xpath/.//a[text()="Timeline"][contains(@class, "button")]');
  await button.click();
  await page.waitForSelector('.life-mark.next');
  assert.equal((await page.$$('.rows .row:not(.head)')).length, 2);
  assert.equal((await page.$$('.life-mark.next')).length, 2);
  const words = await textsOf(page, '.life-marks li.next');
  assert.ok(words.length === 2 && words.every((line) => /ms .* writes? |reads? /.test(line)), words.join('; '));
  assert.ok((await textsOf(page, '.life-marks li:not(.next)')).some((line) => / (un)?locks /.test(line)));
}));

test('a profile without tasks: where the time went', () => visit(pages.profile.file, async (page) => {
  const [link] = await page.$$('xpath/.//a[text()="as a flame graph"]');
  await link.click();
  await waitFor(page, 'main.view-flame', 'where locks were given back that others were waiting for');
  await page.waitForSelector('.frame:not(.tone-leaf)');
  assert.match(await textOf(page, '.flame-status'), /^all .*31 ms in 2 contentions/);
  assert.match((await textsOf(page, '.frame')).join(' '), /shop\.Pay/);
  await page.select('.controls .select:nth-of-type(2) select', 'number');
  await page.waitForFunction(() => /weight=number/.test(location.hash));
  await page.type('#filter', 'nowhere');
  await waitFor(page, 'main.view-flame', 'No place fits the filter');
}));

test('very many findings: some at a time', () => visit(pages.many.file, async (page) => {
  assert.equal((await page.$$('.finding-item')).length, 200);
  const [more] = await page.$$('xpath/.//button[text()="50 more findings"]');
  await more.click();
  await page.waitForFunction(() => document.querySelectorAll('.finding-item').length === 250);
}));

test('an address leads back to the same place', () => visit(pages.pipeline.file, async (page) => {
  await page.waitForSelector('.panel h2');
  const title = await textOf(page, '.panel h2');
  assert.equal(await page.$eval('#filter', (input) => input.value), 'state:blocked numbers');
  assert.equal(await page.$eval('.controls select', (select) => select.value), 'created');
  await page.reload();
  await page.waitForSelector('.panel h2');
  assert.equal(await textOf(page, '.panel h2'), title);
}, {hash: `#/tasks?q=state%3Ablocked+numbers&by=created&task=${2 ** 30 + 2}`}));

test('two dumps compared: what has grown, as table and flame graph', () => visit(pages.compare.file, async (page) => {
  await page.keyboard.press('6');
  await page.waitForSelector('main.view-compare table');
  const rows = await textsOf(page, '.view-compare tbody tr');
  assert.ok(rows.some((row) => /^grown 6 → (9|12) \+(3|6) goroutine chan send/.test(row)), rows.join('\n'));
  assert.ok((await page.$$('.frame[class*="change-up"]')).length > 0);
  await page.select('.controls select', 'gone');
  await waitFor(page, '.empty', 'None.');
}));

test('at 400 pixels nothing is cut off sideways', async () => {
  for (const name of ['abba', '300', 'names', 'recorded']) {
    await visit(pages[name].file, async (page) => {
      for (const view of [...kViews, 'timeline', 'tasks?task=2', 'objects?object=1']) {
        await show(page, `#/${view}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= 400, `${name} ${view} is ${wide} wide`);
      }
    }, {width: 400, height: 800});
  }
});

test('an accessibility checker finds nothing serious, in light and dark', async () => {
  for (const [name, scheme] of [['abba', 'light'], ['trace', 'light'], ['300', 'dark'], ['recorded', 'light'], ['compare', 'dark']]) {
    await visit(pages[name].file, async (page) => {
      await page.evaluate(axe.source);
      for (const view of [...kViews, 'tasks?task=2', 'objects?object=1', ...(name === 'compare' ? ['compare'] : []),
                          ...(name === 'recorded' ? ['timeline', 'timeline?life=1&span=2'] : [])]) {
        await show(page, `#/${view}`);
        await new Promise((done) => setTimeout(done, 120));  // colours change softly
        const violations = await page.evaluate(async () => {
          const {violations: all} = await window.axe.run(document, {resultTypes: ['violations']});
          return all.filter(({impact}) => impact === 'serious' || impact === 'critical')
              .map(({id, nodes}) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' ; ')}`);
        });
        assert.deepEqual(violations, [], `${name} ${view}`);
      }
    }, {scheme});
  }
});

test('a page of something else says so', async () => {
  const file = join(folder, 'newer.html');
  writeFileSync(file, readFileSync(pages.abba.file, 'utf8').replace('stray.page/1', 'stray.page/2'));
  await visit(file, async (page) => assert.match(await textOf(page, '.failure'), /schema stray\.page\/2, and this page reads stray\.page\/1/));
});
