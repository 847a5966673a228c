// SPDX-License-Identifier: Apache-2.0
// flame.tsx: the stacks of all tasks that the filter leaves as a flame graph.
import {useMemo} from 'preact/hooks';
import {usePage} from '../context';
import {flameTree, type FlameNode, type FlameOptions} from '../flame_tree';
import {Empty, Select, Toggle} from '../parts';
import {exactWord, withWord} from '../query';
import {choose, go} from '../route';
import {counted, duration} from '../words';
import {FlameChart} from './flame_chart';

const kTones = 6;

/** The same name has the same colour in every graph. */
function toneOf(node: FlameNode): string {
  if (!node.isFrame) return 'tone-leaf';
  let hash = 0;
  for (let i = 0; i < node.name.length; ++i) hash = (hash * 31 + node.name.charCodeAt(i)) | 0;
  return `tone-${Math.abs(hash) % kTones}`;
}

const kSeparator = '\u001f';

export function FlameView() {
  const {dump, tasks, route} = usePage();
  const {choices} = route;
  const options: FlameOptions = {
    weight: choices['weight'] === 'wait' ? 'wait' : 'count', stack: choices['stack'] === 'created' ? 'created' : 'at',
    inverted: choices['inverted'] === '1', internal: choices['internal'] === '1', by: choices['first'] ?? '',
  };
  const tree = useMemo(() => flameTree(dump, tasks, options),
                       [dump, tasks, options.weight, options.stack, options.inverted, options.internal, options.by]);
  const zoom = choices['zoom'] === undefined ? [] : choices['zoom'].split(kSeparator);
  const set = (changes: Record<string, string>) => choose(route, {zoom: '', ...changes}, true);
  const valueText = (node: FlameNode) => options.weight === 'count' ? counted(node.tasks, 'task')
                                                                   : `${duration(node.value) || '0 s'} in ${counted(node.tasks, 'task')}`;
  const last = zoom[zoom.length - 1];
  return (
    <section aria-label="Flame graph">
      <div class="controls">
        <Select label="Width" value={options.weight} options={[['count', 'tasks'], ['wait', 'waiting time']]} onChange={(weight) => set({weight})} />
        <Select label="Stacks" value={options.stack} options={[['at', 'where tasks stand'], ['created', 'where they were created']]} onChange={(stack) => set({stack})} />
        <Select label="First by" value={options.by} onChange={(first) => set({first})}
                options={[['', 'nothing'], ['object', 'object'], ['reason', 'wait reason'], ['state', 'state'], ['finding', 'finding'], ['kind', 'kind']]} />
        <Toggle label="Inverted" on={options.inverted} onChange={(on) => set({inverted: on ? '1' : ''})} />
        <Toggle label="Internal frames" on={options.internal} onChange={(on) => set({internal: on ? '1' : ''})} />
        <label class="find"><span class="visually-hidden">Mark frames with</span>
          <input type="search" placeholder="Mark frames with…" spellcheck={false} value={choices['find'] ?? ''}
                 onInput={(event) => choose(route, {find: event.currentTarget.value}, true)} /></label>
        <span class="spring" />
        {last !== undefined && <>
          <button type="button" class="button" onClick={() => go({...route, q: withWord(route.q, exactWord('fn', last))})}>Only tasks in it</button>
          <button type="button" class="button" onClick={() => set({})}>Zoom out</button>
        </>}
      </div>
      {tree.value === 0
        ? <Empty>{tasks.length === 0 ? 'No task to draw.' : 'None of these tasks waits for a known time.'}</Empty>
        : <FlameChart root={tree} label={`Stacks of ${counted(tasks.length, 'task')}`} valueText={valueText} tone={toneOf}
                      search={choices['find'] ?? ''} zoom={zoom} onZoom={(path) => set({zoom: path.join(kSeparator)})} />}
    </section>
  );
}
