// SPDX-License-Identifier: Apache-2.0
// compare.tsx: what has changed from the first dump to the last, as `stray diff` says it: a table and a flame graph.
import {useMemo} from 'preact/hooks';
import {usePage} from '../context';
import {changeTree, type FlameNode} from '../flame_tree';
import {type ChangesJson, type FindingSeriesJson, type TaskSeriesJson} from '../page_json';
import {Badge, Empty, Select, Toggle} from '../parts';
import {choose} from '../route';
import {count, counted, duration} from '../words';
import {FlameChart} from './flame_chart';

const kMostRows = 300;
const kSeparator = '\u001f';

function Counts({counts}: {counts: readonly number[]}) {
  const first = counts[0] ?? 0, last = counts[counts.length - 1] ?? 0, change = last - first;
  return (
    <>
      <td class="amount">{counts.map(count).join(' → ')}</td>
      <td class={`amount ${change > 0 ? 'more' : change < 0 ? 'less' : ''}`}>{change > 0 ? '+' : ''}{change === 0 ? '' : count(change)}</td>
    </>
  );
}

function FindingRow({series}: {series: FindingSeriesJson}) {
  return (
    <tr>
      <td><Badge tone={`change-${series.change}`}>{series.change}</Badge></td>
      <Counts counts={series.counts} />
      <td><code>{series.id}</code> {series.title}{series.excused && <span class="faint"> (excused by the policy)</span>}</td>
      <td class="place">{series.place}</td>
    </tr>
  );
}

function TaskRow({series}: {series: TaskSeriesJson}) {
  const waits = series.waits[series.waits.length - 1];
  return (
    <tr>
      <td><Badge tone={`change-${series.change}`}>{series.change}</Badge></td>
      <Counts counts={series.counts} />
      <td>{series.kind} {series.wait_reason === '' ? series.state : series.wait_reason}
        {waits != null && <span class="faint"> {duration(waits.median_ns)}</span>}</td>
      <td class="place">{series.place}</td>
    </tr>
  );
}

function Dumps({changes}: {changes: ChangesJson}) {
  return (
    <ol class="dumps">
      {changes.dumps.map((dump, i) => (
        <li key={i}><code>{dump.path}</code> <span class="faint">{counted(dump.tasks, 'task')}, {counted(dump.findings, 'finding')}
          {dump.incomplete && ', data is incomplete'}</span></li>
      ))}
    </ol>
  );
}

/** Red: more tasks than before; blue: fewer. */
function toneOf(node: FlameNode): string {
  const change = node.tasks - node.before;
  if (change === 0) return 'change-none';
  const strong = Math.abs(change) * 2 > Math.max(node.before, node.tasks);
  return `change-${change > 0 ? 'up' : 'down'}${strong ? '-strong' : ''}`;
}

function Table({label, head, children}: {label: string; head: string; children: preact.ComponentChildren}) {
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead><tr><th>change</th><th class="amount">counts</th><th class="amount">by</th><th>{head}</th><th>place</th></tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function Comparison({changes}: {changes: ChangesJson}) {
  const {route} = usePage();
  const {choices, q} = route;
  const show = choices['show'] ?? 'changed', inverted = choices['inverted'] === '1';
  const words = q.toLowerCase().split(/\s+/).filter((word) => word !== '' && !/[:=]/.test(word.replaceAll('::', '')));
  const fits = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const isShown = (change: string) => show === 'all' || (show === 'changed' ? change !== 'same' : change === show);
  const tasks = changes.tasks.filter((series) => isShown(series.change) &&
      fits(`${series.place} ${series.wait_reason} ${series.kind} ${series.functions.join(' ')}`));
  const findings = changes.findings.filter((series) => isShown(series.change) && fits(`${series.id} ${series.title} ${series.place}`));
  const tree = useMemo(() => changeTree(tasks, inverted), [changes, show, q, inverted]);
  const zoom = choices['zoom'] === undefined ? [] : choices['zoom'].split(kSeparator);
  return (
    <section aria-label="Comparison">
      <Dumps changes={changes} />
      <div class="controls">
        <Select label="Show" value={show} onChange={(value) => choose(route, {show: value, zoom: ''}, true)}
                options={[['changed', 'what changed'], ['new', 'new'], ['grown', 'grown'], ['shrunk', 'shrunk'], ['gone', 'gone'], ['all', 'all']]} />
        <Toggle label="Inverted" on={inverted} onChange={(on) => choose(route, {inverted: on ? '1' : '', zoom: ''}, true)} />
      </div>
      <h2>Findings</h2>
      {findings.length === 0 ? <Empty>None.</Empty>
        : <Table label="Findings that changed" head="finding">{findings.slice(0, kMostRows).map((series, i) => <FindingRow key={i} series={series} />)}</Table>}
      <h2>Tasks</h2>
      {tasks.length === 0 ? <Empty>None.</Empty> : <>
        <FlameChart root={tree} label="Tasks before and now" zoom={zoom} search="" tone={toneOf}
                    valueText={(node) => `${count(node.before)} → ${count(node.tasks)}`}
                    onZoom={(path) => choose(route, {zoom: path.join(kSeparator)}, true)} />
        <p class="faint legend">Red: more than before, blue: fewer; as wide as the larger of the two.</p>
        <Table label="Groups of tasks that changed" head="waits in">{tasks.slice(0, kMostRows).map((series, i) => <TaskRow key={i} series={series} />)}</Table>
        {tasks.length > kMostRows && <p class="faint">and {counted(tasks.length - kMostRows, 'more group')}: use the filter</p>}
      </>}
    </section>
  );
}

export function CompareView() {
  const {changes} = usePage().dump.json;
  if (changes === null)
    return <Empty>There is one dump only. <code>stray diff --format html -o FILE OLD NEW</code> compares two.</Empty>;
  return <Comparison changes={changes} />;
}
