// SPDX-License-Identifier: Apache-2.0
// objects.tsx: what tasks wait for or hold, the most crowded first; beside the list one of them.
import {useEffect, useMemo, useState} from 'preact/hooks';
import {usePage} from '../context';
import {type Dump} from '../dump';
import {Empty} from '../parts';
import {choose} from '../route';
import {rowOfKey, VirtualList} from '../virtual_list';
import {count, counted, duration} from '../words';
import {ObjectDetail} from './object_detail';

interface Crowd { object: number; waiting: number }

/** With a filter, those that one of its tasks waits for or holds. */
function crowdsOf(dump: Dump, tasks: Int32Array, filtered: boolean): Crowd[] {
  const waiting = new Int32Array(dump.objects.count + 1), touched = new Uint8Array(dump.objects.count + 1);
  for (const task of tasks) {
    for (const object of dump.waitsOn(task)) { ++waiting[object]!; touched[object] = 1; }
    const held = dump.list(dump.tasks.held[task]!);
    for (let i = 0; i < held.length; i += 3) touched[held[i]!] = 1;
  }
  const all: Crowd[] = [];
  for (let object = 1; object <= dump.objects.count; ++object)
    if (!filtered || touched[object] === 1) all.push({object, waiting: waiting[object]!});
  return all.sort((a, b) => b.waiting - a.waiting || a.object - b.object);
}

function holderText(dump: Dump, object: number): string {
  const holders = dump.holders(object);
  if (holders.length === 0) return '';
  const first = dump.taskLabel(holders[0]![0]);
  return holders.length === 1 ? first : `${first} and ${count(holders.length - 1)} more`;
}

export function ObjectsView() {
  const {dump, tasks, route} = usePage();
  const crowds = useMemo(() => crowdsOf(dump, tasks, route.q !== ''), [dump, tasks, route.q]);
  const chosen = dump.objectOfKey(route.choices['object']);
  const [active, setActive] = useState(() => crowds.findIndex(({object}) => object === chosen));
  useEffect(() => setActive(crowds.findIndex(({object}) => object === chosen)), [crowds, chosen]);
  const show = (object: number) => choose(route, {object: object === 0 ? '' : dump.objectKey(object)}, chosen !== 0);
  const onKey = (event: KeyboardEvent) => {
    const target = rowOfKey(event, active, crowds.length);
    if (target >= 0) {
      if (chosen === 0) setActive(target);
      else show(crowds[target]!.object);
    } else if (event.key === 'Enter' && crowds[active] !== undefined) show(crowds[active].object);
    else if (event.key === 'Escape' && chosen !== 0) show(0);
    else return;
    event.preventDefault();
  };
  if (crowds.length === 0)
    return <Empty>{dump.objects.count === 0 ? 'No task waits for an object or holds one.' : 'No object fits the filter.'}</Empty>;
  return (
    <div class={`objects ${chosen !== 0 ? 'with-panel' : ''}`}>
      <section class="tasks-main" aria-label="Objects">
        <div class="controls"><span class="faint">{counted(crowds.length, 'object')}</span></div>
        <VirtualList count={crowds.length} rowHeight={28} active={active} role="grid" label="Objects" onKey={onKey}
          header={<div class="row head" aria-hidden="true"><span class="count">waiting</span><span class="what">object</span>
            <span class="made">made or first used at</span><span class="holder">held by</span><span class="time">longest wait</span></div>}
          attributes={(index) => ({
            role: 'row', 'aria-selected': index === active,
            class: `row object-row ${index === active ? 'active' : ''} ${crowds[index]!.object === chosen ? 'chosen' : ''}`,
            onClick: () => show(crowds[index]!.object),
          })}
          row={(index) => {
            const {object, waiting} = crowds[index]!;
            const oldest = dump.waitersOf(object)[0];
            return (
              <>
                <b class="count" role="gridcell">{waiting === 0 ? '' : count(waiting)}</b>
                <span class="what" role="gridcell">{dump.objectLabel(object)}</span>
                <span class="made place" role="gridcell">{dump.framePlace(dump.objects.madeAt[object]!)}</span>
                <span class="holder" role="gridcell">{holderText(dump, object)}</span>
                <span class="time" role="gridcell">{oldest === undefined ? '' : duration(dump.tasks.wait[oldest]!)}</span>
              </>
            );
          }} />
      </section>
      {chosen !== 0 && <ObjectDetail key={chosen} object={chosen} onClose={() => show(0)} />}
    </div>
  );
}
