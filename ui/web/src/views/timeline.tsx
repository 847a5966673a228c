// SPDX-License-Identifier: Apache-2.0
// timeline.tsx: what each task of a recording did when, a row for each; who let whom go on, as arrows.
import {useMemo} from 'preact/hooks';
import {usePage} from '../context';
import {Empty, Select} from '../parts';
import {choose} from '../route';
import {useColourChanges} from '../theme';
import {TimeWindow, type Window} from '../time_window';
import {livesOfFinding, type Mark, marksOf, type TimelineData, timeText} from '../timeline_data';
import {counted, duration, percent} from '../words';
import {kMostArrows} from './timeline_arrows';
import {SpanDetail} from './timeline_detail';
import {TimelineRows} from './timeline_rows';

// Of groups of what tasks do, in the order of the legend; the style sheet has the colours.
const kGroups = ['running', 'runnable', 'lock', 'channel', 'sync', 'input and output', 'sleep', 'other waits', 'several'];

type Order = 'begin' | 'waiting' | 'label';

function colourOf(group: number): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--life-${group}`).trim() || '#888888';
}

/** By text of the group; -1: of what is marked. */
function useColours(data: TimelineData, text: (number: number) => string): ReadonlyMap<number, string> {
  const changes = useColourChanges();
  return useMemo(() => {
    const colours = new Map<number, string>([[-1, getComputedStyle(document.documentElement).color]]);
    for (const group of new Set(data.acts.group)) colours.set(group, colourOf(Math.max(0, kGroups.indexOf(text(group)))));
    return colours;
  }, [data, changes]);
}

function waitingTime(data: TimelineData, life: number, running: ReadonlySet<number>): number {
  let sum = 0;
  for (let i = data.first[life]!; i < data.first[life + 1]!; ++i)
    if (!running.has(data.acts.group[data.spans.act[i]!]!)) sum += data.spans.end[i]! - data.spans.begin[i]!;
  return sum;
}

/** Those that the filter leaves: tasks of the snapshot by the filter, others by their name. */
function livesOf(data: TimelineData, tasks: Int32Array, q: string, order: Order, text: (number: number) => string): number[] {
  const kept = new Set(tasks), word = q.toLowerCase();
  const lives: number[] = [];
  for (let life = 0; life < data.lives.count; ++life) {
    const task = data.lives.task[life]!;
    if (q === '' || kept.has(task) || (!/[:=]/.test(q) && text(data.lives.label[life]!).toLowerCase().includes(word))) lives.push(life);
  }
  if (order === 'label') {
    const byLabel = new Intl.Collator('en', {numeric: true});
    return lives.sort((a, b) => byLabel.compare(text(data.lives.label[a]!), text(data.lives.label[b]!)));
  }
  if (order === 'waiting') {
    const running = new Set([...new Set(data.acts.group)].filter((group) => ['running', 'runnable', 'several'].includes(text(group))));
    const waiting = new Map(lives.map((life) => [life, waitingTime(data, life, running)]));
    return lives.sort((a, b) => waiting.get(b)! - waiting.get(a)! || a - b);
  }
  return lives.sort((a, b) => data.begin(a) - data.begin(b) || a - b);
}

function Legend({data, lives, window, colours}: {data: TimelineData; lives: readonly number[]; window: Window; colours: ReadonlyMap<number, string>}) {
  const {dump} = usePage();
  const sums = useMemo(() => {
    const all = new Map<number, number>();
    for (const life of lives) data.sums(life, window.from, window.to, all);
    return [...all].sort((a, b) => kGroups.indexOf(dump.text(a[0])) - kGroups.indexOf(dump.text(b[0])));
  }, [data, lives, window.from, window.to]);
  const whole = sums.reduce((sum, [, time]) => sum + time, 0);
  return (
    <ul class="life-legend" aria-label="What tasks do in this time">
      {sums.map(([group, time]) => (
        <li key={group}><span class="dot" style={{background: colours.get(group)}} />{dump.text(group)} <span class="faint">{percent(time, whole)}</span></li>
      ))}
    </ul>
  );
}

/** What the data does not have, and where it is to be had. */
function Coarse({data}: {data: TimelineData}) {
  const {shortest_ns: shortest, lives_left_out: fewer, arrows_left_out: fewerArrows} = data.json;
  if (shortest === 0 && fewer === 0 && fewerArrows === 0) return null;
  return (
    <p class="faint">
      {shortest > 0 && `Stretches shorter than ${duration(shortest)} are joined to their neighbours. `}
      {fewer > 0 && `${counted(fewer, 'short task')} left out. `}{fewerArrows > 0 && `${counted(fewerArrows, 'arrow')} left out. `}
      More of it: <code>stray report --format perfetto -o FILE</code>
    </p>
  );
}

/** The same in words: what happened in the run, in this order. */
function Marks({marks, data, text}: {marks: readonly Mark[]; data: TimelineData; text: (number: number) => string}) {
  if (marks.length === 0) return null;
  const inOrder = [...marks].sort((a, b) => a.at - b.at);
  return (
    <ol class="life-marks" aria-label="What the finding is about, as it happened">
      {inOrder.map((mark, i) => (
        <li key={i} class={mark.isNext ? 'next' : ''}><span class="time">{timeText(mark.at, 1e3)}</span> {text(data.lives.label[mark.life]!)} {mark.what}</li>
      ))}
    </ol>
  );
}

/** Where there are more than can be told apart. */
function HiddenArrows({data, window}: {data: TimelineData; window: Window}) {
  const number = useMemo(() => data.arrows.reduce((sum, arrow) => sum + (arrow.at >= window.from && arrow.begin <= window.to ? 1 : 0), 0),
                         [data, window.from, window.to]);
  if (number <= kMostArrows) return null;
  return <p class="faint">{counted(number, 'arrow')}: zoom in, or mark a task to see its own.</p>;
}

export function TimelineView() {
  const {dump, tasks, route} = usePage();
  const data = dump.timeline;
  if (data === null) return <Empty>There is no trace in this data. <code>stray run --trace</code> records one.</Empty>;
  return <Timeline data={data} tasks={tasks} q={route.q} />;
}

function Timeline({data, tasks, q}: {data: TimelineData; tasks: Int32Array; q: string}) {
  const {dump, route} = usePage();
  const text = (number: number) => dump.text(number);
  const order = (route.choices['order'] ?? 'begin') as Order;
  const of = dump.finding(Number(route.choices['of'] ?? 0));
  const lives = useMemo(() => {
    const all = livesOf(data, tasks, q, order, text), wanted = livesOfFinding(dump, of);
    return of === undefined ? all : all.filter((life) => wanted.has(life));
  }, [data, tasks, q, order, of]);
  const marks = useMemo(() => marksOf(dump, of), [dump, of]);
  const window = new TimeWindow(data, route);
  const colours = useColours(data, text);
  return (
    <div class={`timeline ${window.span >= 0 ? 'with-panel' : ''}`}>
      <section class="tasks-main" aria-label="Timeline">
        <div class="controls">
          <Select label="Order by" value={order} onChange={(value) => choose(route, {order: value === 'begin' ? '' : value})}
                  options={[['begin', 'begin'], ['waiting', 'time waiting'], ['label', 'name']]} />
          <span class="faint" role="status">{counted(lives.length, 'task')}, {duration(window.length)} of {duration(data.end - data.start)}</span>
          {of !== undefined && <button type="button" class="button" onClick={() => choose(route, {of: ''})}>Not only finding {of.number}</button>}
          <span class="spring" />
          <button type="button" class="button" onClick={() => window.zoom(0.5)} aria-label="Zoom in">+</button>
          <button type="button" class="button" onClick={() => window.zoom(2)} aria-label="Zoom out">−</button>
          <button type="button" class="button" onClick={() => window.showAll()}>All</button>
        </div>
        <Legend data={data} lives={lives} window={window} colours={colours} />
        {lives.length === 0 ? <Empty>No task fits the filter.</Empty>
                            : <TimelineRows data={data} lives={lives} window={window} colours={colours} marks={marks} />}
        <Marks marks={marks} data={data} text={text} />
        <HiddenArrows data={data} window={window} />
        <Coarse data={data} />
      </section>
      {window.span >= 0 && <SpanDetail key={window.span} data={data} life={window.life} span={window.span}
                                       onLife={(life, time) => window.markAt(life, time)} />}
    </div>
  );
}
