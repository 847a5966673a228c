// SPDX-License-Identifier: Apache-2.0
// live_test.mjs: pages that `stray ui` serves and `stray run` writes, of dumps and of processes that go on.
import assert from 'node:assert/strict';
import {execFileSync, spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {browser, CROWD, dumpOf, folder, start, stop, STRAY, textOf, textsOf, visit, waitFor} from './walks.mjs';

before(start);
after(stop);

test('the page that `stray ui` serves: once, for one browser, with its policy', async () => {
  const dump = dumpOf('abba');
  const served = spawn(STRAY, ['ui', '--no-browser', dump], {stdio: ['ignore', 'ignore', 'pipe']});
  let said = '';
  const url = await new Promise((done, fail) => {
    served.stderr.on('data', (bytes) => {
      said += bytes;
      const found = said.match(/http:\S+/);
      if (found) done(found[0]);
    });
    served.on('exit', () => fail(new Error(said)));
  });
  try {
    const other = await browser.createBrowserContext();
    await visit(url, async (page) => {
      assert.equal(new URL(page.url()).search, '');
      assert.match(await textOf(page, '.headline'), /2 deadlocks/);
      await browser.defaultBrowserContext().overridePermissions(new URL(url).origin, ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write']);
      await page.evaluate(() => [...document.querySelectorAll('.actions button')].find((b) => b.innerText === 'Copy as text').click());
      await waitFor(page, '.actions button', 'Copied');
      assert.match(await page.evaluate(() => navigator.clipboard.readText()), /Deadlock of 2 threads/);
      await page.reload();
      await page.waitForSelector('.headline');
    });
    const stranger = await other.newPage();
    assert.equal((await stranger.goto(url)).status(), 401);
    assert.equal((await stranger.goto(new URL('/', url).href)).status(), 401);
    await other.close();
  } finally {
    served.kill('SIGINT');
    await new Promise((done) => served.on('exit', done));
  }
  assert.equal(served.exitCode, 0);
});

/** A program that is told on its standard input what to do, under stray; and its process. */
async function startLive() {
  const run = spawn(STRAY, ['run', '--quiet', '-o', '/dev/null', '--', CROWD, 'live'], {stdio: ['pipe', 'pipe', 'ignore']});
  let said = '';
  run.stdout.on('data', (bytes) => { said += bytes; });
  const hears = async (text) => { while (!said.includes(text)) await new Promise((done) => run.stdout.once('data', done)); said = ''; };
  await hears('started');
  const [pid] = readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, 'utf8').split(' ');
  return {pid, run, ask: async (count) => { run.stdin.write(`${count}\n`); await hears('ok'); }};
}

test('a running process: counts over time, what is new, a snapshot to keep, and its end', async () => {
  const {pid, run, ask} = await startLive();
  await ask(3);
  const served = spawn(STRAY, ['ui', '--no-browser', pid], {stdio: ['ignore', 'ignore', 'pipe']});
  try {
    const url = await new Promise((done) => served.stderr.on('data', (bytes) => {
      const found = String(bytes).match(/http:\S+/);
      if (found) done(found[0]);
    }));
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.setViewport({width: 1280, height: 800});
    await page.goto(url);
    await page.waitForSelector('.live .chart canvas');
    assert.equal(await textOf(page, '.live-state'), 'Live');
    await page.evaluate(() => { location.hash = '#/tasks?by=site'; });
    await waitFor(page, '.group-row', 'live::Serve');
    await ask(5);
    await waitFor(page, '.live a', '5 tasks new since');
    const rows = await textsOf(page, '.group-row');
    assert.ok(rows.some((row) => /^▸ 8 .* chan receive \+5/.test(row)), rows.join('\n'));
    await page.evaluate(() => { location.hash = '#/tasks?q=is%3Anew'; });
    await waitFor(page, '.filter-count', '5 of 9 tasks');
    await page.evaluate(() => [...document.querySelectorAll('.live button')].find((b) => b.innerText.startsWith('Mark')).click());
    await waitFor(page, '.filter-count', '0 of 9 tasks');
    const [status, type, size] = await page.evaluate(async () => {
      const answer = await fetch('/snapshot');
      return [answer.status, answer.headers.get('content-disposition'), (await answer.arrayBuffer()).byteLength];
    });
    assert.equal(status, 200);
    assert.match(type, /filename="crowd\.\d+\.stray"/);
    assert.ok(size > 500);
    run.stdin.end();
    await page.waitForFunction(() => document.querySelector('.live-state').innerText.startsWith('No newer data'));
    assert.match(await textOf(page, '.headline'), /crowd/);
    assert.deepEqual(errors, []);
    await page.close();
    if (served.exitCode === null) await new Promise((done) => served.on('exit', done));
    assert.equal(served.exitCode, 0);
  } finally {
    served.kill();
    run.kill();
  }
});

test('written by `stray run`, too', async () => {
  const file = join(folder, 'run.html');
  assert.throws(() => execFileSync(STRAY, ['run', '--format', 'html', '-o', file, '--', CROWD, 'abba'], {stdio: 'ignore'}), {status: 66});
  await visit(file, async (page) => assert.match(await textOf(page, '.headline'), /2 findings in crowd/));
});
