// SPDX-License-Identifier: Apache-2.0
// help.tsx: which keys and filters there are.
import {useEffect, useRef} from 'preact/hooks';

const kKeyHelp: readonly [keys: string, meaning: string][] = [
  ['1 to 7', 'the views, from left to right'], ['/', 'to the filter; Esc clears it'],
  ['j k, arrows', 'from row to row, from frame to frame'], ['Enter', 'open what is marked; zoom in the flame graph'],
  ['← →', 'close and open a group'], ['+ - 0 [ ]', 'in the timeline: zoom, all, earlier and later; ← → from stretch to stretch'], ['Esc', 'close the panel; zoom out'], ['?', 'this help'],
];

const kFilterHelp: readonly [words: string, meaning: string][] = [
  ['Flush', 'anywhere: function, file, name, reason, state, object, label, test'],
  ['fn:Cart:: created:main', 'in the stack where a task stands; where it was created'],
  ['state:blocked reason:"chan send"', 'as they are called in the report'],
  ['object:mutex task:flusher test:Cart', 'what it waits for or holds; its name; its test'],
  ['finding:2 verdict:leak', 'part of a finding'], ['is:stuck is:new', 'blocked for ever; there since the mark, of a running process'], ['label.request:42', 'a label'],
  ['-reason:sleep', 'all but those'], ['reason=select', 'exactly that'],
];

export function Help({onClose}: {onClose: () => void}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keys</h2>
      <dl>{kKeyHelp.map(([keys, meaning]) => <div key={keys}><dt><kbd>{keys}</kbd></dt><dd>{meaning}</dd></div>)}</dl>
      <h2>Filter</h2>
      <dl>{kFilterHelp.map(([words, meaning]) => <div key={words}><dt><code>{words}</code></dt><dd>{meaning}</dd></div>)}</dl>
      <button type="button" class="button" onClick={() => dialog.current?.close()}>Close</button>
    </dialog>
  );
}
