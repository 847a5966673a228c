// SPDX-License-Identifier: Apache-2.0
// tasks.tsx: all tasks that the filter leaves, grouped; each group unfolds into its tasks.
import {useEffect, useMemo, useState} from 'preact/hooks';
import {usePage} from '../context';
import {type Distribution, distributionOf, groupTasks, kGroupings, kSimilarities, type Similarity, type TaskGroup, waitText} from '../groups';
import {Bar, Empty, Histogram, Select} from '../parts';
import {withWord} from '../query';
import {choose, go} from '../route';
import {rowOfKey, VirtualList} from '../virtual_list';
import {count, counted, duration, durationRange, percent} from '../words';
import {TaskDetail} from './task_detail';

type Row = {group: TaskGroup; task: 0} | {group: TaskGroup; task: number};

function groupingsOf(labelKeys: readonly string[], severalProcesses: boolean): [string, string][] {
  const all: [string, string][] = kGroupings.filter(([by]) => by !== 'process' || severalProcesses)
      .map(([by, text]) => [by, text]);
  return [...all, ...labelKeys.map((key): [string, string] => [`label.${key}`, `label ${key}`])];
}

function useGroups() {
  const {dump, tasks, route} = usePage();
  const by = route.choices['by'] ?? 'site';
  const like = (kSimilarities.find(([key]) => key === route.choices['like'])?.[0] ?? 'code') as Similarity;
  const groups = useMemo(() => groupTasks(dump, tasks, by, like), [dump, tasks, by, like]);
  const times = useMemo(() => new Map<TaskGroup, Distribution>(), [groups]);
  const timesOf = (group: TaskGroup) => {
    let known = times.get(group);
    if (!known) times.set(group, known = distributionOf(dump, group.tasks));
    return known;
  };
  return {by, like, groups, timesOf};
}

function GroupRow({group, open, total, times}: {group: TaskGroup; open: boolean; total: number; times: Distribution}) {
  const {dump} = usePage();
  const stuck = dump.tasks.stuck[group.tasks[0]!] === 1;
  const fresh = dump.freshCount === 0 ? 0 : group.tasks.reduce((sum, task) => sum + dump.fresh[task]!, 0);
  return (
    <>
      <span class="twist" role="presentation" aria-hidden="true">{open ? '▾' : '▸'}</span>
      <b class="count" role="gridcell">{count(group.tasks.length)}</b>
      <span class="share" role="gridcell"><Bar part={group.tasks.length} whole={total} tone={stuck ? 'stuck' : ''} /><span class="percent">{percent(group.tasks.length, total)}</span></span>
      <span class="what" role="gridcell"><span class="function">{group.title}</span> <span class="place">{group.place}</span></span>
      <span class="how" role="gridcell">{group.note}{fresh > 0 && <span class="fresh"> +{count(fresh)}</span>}</span>
      <span class="time" role="gridcell">{durationRange(times.least, times.most)}</span>
      <span class="spread" role="gridcell"><Histogram of={times} /></span>
    </>
  );
}

function TaskRow({task, by}: {task: number; by: string}) {
  const {dump} = usePage();
  const object = dump.tasks.object[task]!;
  const finding = dump.tasks.finding[task]!;
  const site = dump.stacks.site[dump.tasks.stack[task]!]!;
  return (
    <>
      <span class="twist" role="presentation" />
      <span class="task-name" role="gridcell">{dump.taskLabel(task)}{dump.fresh[task] === 1 && <span class="fresh"> new</span>}</span>
      <span class="what" role="gridcell">
        {by === 'site' ? <span class="place">{object === 0 ? '' : dump.objectLabel(object)}</span>
                       : <><span class="function">{dump.text(dump.frames.function[site]!)}</span> <span class="place">{object === 0 ? '' : dump.objectLabel(object)}</span></>}
      </span>
      <span class="how" role="gridcell">{waitText(dump, task)}{finding !== 0 && <span class="mark"> {finding}</span>}</span>
      <span class="time" role="gridcell">{duration(dump.tasks.wait[task]!)}</span>
    </>
  );
}

/** Groups, and below those that are open their tasks. */
function rowsOf(groups: readonly TaskGroup[], open: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  for (const group of groups) {
    rows.push({group, task: 0});
    if (open.has(group.key)) for (const task of group.tasks) rows.push({group, task});
  }
  return rows;
}

export function TasksView() {
  const {dump, tasks, route} = usePage();
  const {by, like, groups, timesOf} = useGroups();
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set(route.choices['open'] ? [route.choices['open']] : []));
  const open = useMemo(() => (groups.length === 1 ? new Set([groups[0]!.key]) : opened), [groups, opened]);
  const rows = useMemo(() => rowsOf(groups, open), [groups, open]);
  const [active, setActive] = useState(-1);
  useEffect(() => setActive(-1), [groups]);
  useEffect(() => {
    const key = route.choices['open'];
    if (key === undefined) return;
    setOpened(new Set([key]));
    setActive(groups.findIndex((group) => group.key === key));
  }, [route.choices['open']]);
  const chosen = dump.taskOfKey(route.choices['task']);
  const isSite = by === 'site' || by === 'created';

  const toggle = (group: TaskGroup, to = !open.has(group.key)) => {
    const next = new Set(open);
    if (to) next.add(group.key);
    else next.delete(group.key);
    setOpened(next);
  };
  const activate = (row: Row) => {
    if (row.task === 0) toggle(row.group);
    else choose(route, {task: dump.taskKey(row.task)}, true);
  };
  const onKey = (event: KeyboardEvent) => {
    const row = rows[active];
    const target = rowOfKey(event, active, rows.length);
    if (target >= 0) setActive(target);
    else if (event.key === 'Escape' && chosen !== 0) choose(route, {task: ''}, true);
    else if (row !== undefined && (event.key === 'Enter' || event.key === ' ')) activate(row);
    else if (row !== undefined && event.key === 'ArrowRight') toggle(row.group, true);
    else if (row !== undefined && event.key === 'ArrowLeft') {
      toggle(row.group, false);
      setActive(groups.indexOf(row.group) + groups.slice(0, groups.indexOf(row.group))
          .reduce((sum, group) => sum + (open.has(group.key) ? group.tasks.length : 0), 0));
    } else if (row !== undefined && event.key === 'f' && row.group.word !== '') {
      go({...route, q: withWord(route.q, row.group.word)});
    } else return;
    event.preventDefault();
  };

  const activeGroup = rows[active]?.group;
  return (
    <div class={`tasks ${chosen !== 0 ? 'with-panel' : ''}`}>
      <section class="tasks-main" aria-label="Tasks">
        <div class="controls">
          <Select label="Group by" value={by} options={groupingsOf(dump.labelKeys, dump.severalProcesses)}
                  onChange={(value) => choose(route, {by: value, open: ''})} />
          {isSite && <Select label="Alike if the same" value={like} options={kSimilarities}
                             onChange={(value) => choose(route, {like: value, open: ''})} />}
          <span class="faint summary">{counted(tasks.length, 'task')} in {counted(groups.length, 'group')}</span>
          <span class="spring" />
          {activeGroup !== undefined && activeGroup.word !== '' &&
            <button type="button" class="button" title="Key f" onClick={() => go({...route, q: withWord(route.q, activeGroup.word)})}>
              Only {activeGroup.word.length > 40 ? 'these' : activeGroup.word}</button>}
        </div>
        {rows.length === 0 ? <NoTasks /> : (
          <VirtualList count={rows.length} rowHeight={28} active={active} role="treegrid" label="Groups of tasks" onKey={onKey}
            header={<div class="row head" aria-hidden="true"><span class="twist" /><span class="count">tasks</span><span class="share">share</span>
              <span class="what">{kGroupings.find(([key]) => key === by)?.[1] ?? by}</span><span class="how">{by === 'site' ? 'waits in' : ''}</span>
              <span class="time">waiting for</span><span class="spread">spread</span></div>}
            attributes={(index) => {
              const row = rows[index]!;
              return {
                role: 'row', 'aria-level': row.task === 0 ? 1 : 2, 'aria-selected': index === active,
                'aria-expanded': row.task === 0 ? open.has(row.group.key) : undefined,
                class: `row ${row.task === 0 ? 'group-row' : 'task-row'} ${index === active ? 'active' : ''} ${row.task !== 0 && row.task === chosen ? 'chosen' : ''}`,
                onClick: () => { setActive(index); activate(row); },
              };
            }}
            row={(index) => {
              const row = rows[index]!;
              return row.task === 0
                  ? <GroupRow group={row.group} open={open.has(row.group.key)} total={tasks.length} times={timesOf(row.group)} />
                  : <TaskRow task={row.task} by={by} />;
            }} />
        )}
      </section>
      {chosen !== 0 &&
        <TaskDetail key={chosen} task={chosen} onClose={() => choose(route, {task: ''}, true)} />}
    </div>
  );
}

function NoTasks() {
  const {dump} = usePage();
  return <Empty>{dump.tasks.live === 0 ? 'There is no snapshot that says what tasks were doing.' : 'No task fits the filter.'}</Empty>;
}
