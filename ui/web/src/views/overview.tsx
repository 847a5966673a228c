// SPDX-License-Identifier: Apache-2.0
// overview.tsx: what all tasks are doing, at one look: how many can go on, and where the crowds stand.
import {useMemo} from 'preact/hooks';
import {useLinks, usePage} from '../context';
import {distributionOf, groupTasks} from '../groups';
import {Bar, Histogram} from '../parts';
import {exactWord} from '../query';
import {count, counted, durationRange, percent} from '../words';

const kCrowds = 6;
const kReasons = 5;

interface Slice { tone: string; title: string; tasks: number; word: string }

function useSlices(): Slice[] {
  const {dump, tasks} = usePage();
  return useMemo(() => {
    const sums = new Map<string, Slice>();
    for (const task of tasks) {
      const state = dump.text(dump.tasks.state[task]!), stuck = dump.tasks.stuck[task] === 1;
      const tone = stuck ? 'stuck' : state;
      const slice = sums.get(tone);
      if (slice) ++slice.tasks;
      else sums.set(tone, {tone, title: stuck ? 'blocked for ever' : state, tasks: 1, word: exactWord('state', state)});
    }
    return [...sums.values()].sort((a, b) => b.tasks - a.tasks);
  }, [dump, tasks]);
}

export function Overview() {
  const {dump, tasks, route} = usePage();
  const links = useLinks();
  const slices = useSlices();
  const crowds = useMemo(() => groupTasks(dump, tasks, 'site', 'functions'), [dump, tasks]);
  const reasons = useMemo(() => groupTasks(dump, tasks, 'reason', 'code').filter((group) => group.key !== '0'), [dump, tasks]);
  if (tasks.length === 0) return null;
  return (
    <section class="overview" aria-label="All tasks at a glance">
      <div class="slices">
        <div class="slice-bar" aria-hidden="true">
          {slices.map((slice) => <span key={slice.tone} class={`tone-${slice.tone}`} style={{flexGrow: slice.tasks}} />)}
        </div>
        <ul>
          {slices.map((slice) => (
            <li key={slice.tone}>
              <a href={links.to('tasks', {}, `${route.q} ${slice.word}`.trim())}>
                <i class={`dot tone-${slice.tone}`} aria-hidden="true" /><b>{count(slice.tasks)}</b> {slice.title}
              </a>
            </li>
          ))}
        </ul>
        <ul class="reasons" aria-label="What they wait in">
          {reasons.slice(0, kReasons).map((group) => (
            <li key={group.key}>
              <a href={links.to('tasks', {}, `${route.q} ${group.word}`.trim())}><b>{count(group.tasks.length)}</b> {group.title}</a>
            </li>
          ))}
        </ul>
      </div>
      <ol class="crowds" aria-label="Where they stand">
        {crowds.slice(0, kCrowds).map((crowd) => {
          const times = distributionOf(dump, crowd.tasks);
          return (
            <li key={crowd.key}>
              <a href={links.to('tasks', {by: 'site', like: 'functions', open: crowd.key})}>
                <b class="count">{count(crowd.tasks.length)}</b>
                <Bar part={crowd.tasks.length} whole={tasks.length} tone={dump.tasks.stuck[crowd.tasks[0]!] ? 'stuck' : ''} />
                <span class="what"><span class="function">{crowd.title}</span> <span class="place">{crowd.place}</span></span>
                <span class="how">{crowd.note}</span>
                <span class="time">{durationRange(times.least, times.most)}</span>
                <Histogram of={times} />
              </a>
            </li>
          );
        })}
        {crowds.length > kCrowds && <li class="more">
          <a href={links.to('tasks', {by: 'site', like: 'functions'})}>
            {counted(crowds.length - kCrowds, 'more place')}, {percent(crowds.slice(kCrowds).reduce((sum, crowd) => sum + crowd.tasks.length, 0), tasks.length)} of the tasks
          </a>
        </li>}
      </ol>
    </section>
  );
}
