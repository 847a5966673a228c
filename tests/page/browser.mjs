// SPDX-License-Identifier: Apache-2.0
// browser.mjs: the real browser that the page is tested in: Debian's chromium, or the one that CHROMIUM names.
import puppeteer from 'puppeteer-core';

export function openBrowser() {
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    // Its sandbox needs rights that a container and root have not; it opens nothing but files of these tests.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb',
           '--no-first-run', '--disable-background-networking', '--disable-component-update'],
  });
}
