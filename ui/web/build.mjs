// SPDX-License-Identifier: Apache-2.0
// build.mjs: makes the page: checks types, bundles scripts and styles, and writes one HTML file with a place for data.
//
//   node build.mjs OUTPUT
//
// The file allows nothing but itself: its content security policy names the hashes of its own script and styles, so
// that nothing which comes with the data can run, and no address can be asked for anything.
import {createHash} from 'node:crypto';
import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const output = process.argv[2];

const hashOf = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

async function bundle(entry, extra) {
  const result = await esbuild.build({
    entryPoints: [join(here, entry)],
    bundle: true,
    minify: true,
    write: false,
    legalComments: 'none',
    target: ['es2022'],
    ...extra,
  });
  return result.outputFiles[0].text.trim();
}

execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', here], {stdio: 'inherit'});
// The end tag of a script would end it wherever it stands, also in a string.
const script = (await bundle('src/main.tsx', {format: 'iife', jsx: 'automatic', jsxImportSource: 'preact'}))
    .replaceAll('</script', '<\\/script');
const style = await bundle('src/style.css', {});
const policy = [
  `default-src 'none'`, `script-src ${hashOf(script)}`, `style-src ${hashOf(style)}`, `img-src data:`,
  `base-uri 'none'`, `form-action 'none'`, `require-trusted-types-for 'script'`, `trusted-types 'none'`,
].join('; ');
const parts = {POLICY: policy, STYLE: style, SCRIPT: script};
const template = readFileSync(join(here, 'src/index.html'), 'utf8')
    .replace(/@(POLICY|STYLE|SCRIPT)@/g, (_, name) => parts[name]);
writeFileSync(output, template);
