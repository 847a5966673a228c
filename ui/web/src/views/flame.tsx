// SPDX-License-Identifier: Apache-2.0
// flame.tsx: the stacks of all tasks that the filter leaves as a flame graph, or those of a profile.
import {type ComponentChildren} from 'preact';
import {useMemo} from 'preact/hooks';
import {usePage} from '../context';
import {flameTree, type FlameNode, type FlameOptions} from '../flame_tree';
import {Empty, Select} from '../parts';
import {exactWord, withWord} from '../query';
import {go} from '../route';
import {counted, duration} from '../words';
import {FlameChart} from './flame_chart';
import {type FlameChoices, toneOf, useFlameChoices} from './flame_choices';
import {ProfileFlame} from './profile_flame';

export function FlameView() {
  const {dump, route} = usePage();
  const choices = useFlameChoices();
  const {profiles} = dump;
  // Where there are no tasks to show, profiles are all there is.
  const wanted = route.choices['of'] ?? (dump.tasks.live === 0 && profiles.length > 0 ? '0' : 'tasks');
  const profile = profiles[Number(wanted)];
  const of = profiles.length > 0 && <Select label="Of" value={profile === undefined ? 'tasks' : wanted} onChange={(value) => choices.set({of: value, weight: ''})}
    options={[['tasks', 'tasks'], ...profiles.map(({json}, i): [string, string] =>
        [String(i), `${json.name} profile${dump.severalProcesses ? `, ${dump.json.processes[json.process]!.label}` : ''}`])]} />;
  return profile === undefined ? <TaskFlame choices={choices} of={of} /> : <ProfileFlame profile={profile} choices={choices} of={of} />;
}

function TaskFlame({choices, of}: {choices: FlameChoices; of: ComponentChildren}) {
  const {dump, tasks, route} = usePage();
  const {inverted, internal, set} = choices;
  const options: FlameOptions = {
    weight: choices.weight === 'wait' ? 'wait' : 'count', stack: route.choices['stack'] === 'created' ? 'created' : 'at',
    inverted, internal, by: route.choices['first'] ?? '',
  };
  const tree = useMemo(() => flameTree(dump, tasks, options),
                       [dump, tasks, options.weight, options.stack, inverted, internal, options.by]);
  const valueText = (node: FlameNode) => options.weight === 'count' ? counted(node.tasks, 'task')
                                                                   : `${duration(node.value) || '0 s'} in ${counted(node.tasks, 'task')}`;
  const last = choices.zoom[choices.zoom.length - 1];
  return (
    <section aria-label="Flame graph">
      <div class="controls">
        {of}
        <Select label="Width" value={options.weight} options={[['count', 'tasks'], ['wait', 'waiting time']]} onChange={(weight) => set({weight})} />
        <Select label="Stacks" value={options.stack} options={[['at', 'where tasks stand'], ['created', 'where they were created']]} onChange={(stack) => set({stack})} />
        <Select label="First by" value={options.by} onChange={(first) => set({first})}
                options={[['', 'nothing'], ['object', 'object'], ['reason', 'wait reason'], ['state', 'state'], ['finding', 'finding'], ['kind', 'kind']]} />
        {choices.controls}
        <span class="spring" />
        {last !== undefined && <>
          <button type="button" class="button" onClick={() => go({...route, q: withWord(route.q, exactWord('fn', last))})}>Only tasks in it</button>
          <button type="button" class="button" onClick={() => set({})}>Zoom out</button>
        </>}
      </div>
      {tree.value === 0
        ? <Empty>{tasks.length === 0 ? 'No task to draw.' : 'None of these tasks waits for a known time.'}</Empty>
        : <FlameChart root={tree} label={`Stacks of ${counted(tasks.length, 'task')}`} valueText={valueText} tone={toneOf}
                      search={choices.find} zoom={choices.zoom} onZoom={choices.onZoom} />}
    </section>
  );
}
