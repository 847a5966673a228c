// SPDX-License-Identifier: Apache-2.0
// graph.tsx: who waits for whom: the drawing, what is behind a node, and the same as sentences.
import {useMemo, useState} from 'preact/hooks';
import {usePage} from '../context';
import {Empty, FindingLink, ObjectLink, TaskLink, Toggle} from '../parts';
import {choose} from '../route';
import {type GraphNode, type WaitGraph, waitGraph} from '../wait_graph';
import {count, counted} from '../words';
import {GraphDrawing} from './graph_drawing';

const kMostNodes = 150;
const kMostMembers = 40;
const kMostSentences = 200;

function NodePanel({node, onUnfold, onFold, canFold}: {node: GraphNode; onUnfold: () => void; onFold: () => void; canFold: boolean}) {
  return (
    <aside class="panel node-panel" aria-label="What is behind the node">
      <h2>{node.title}</h2>
      <p class="faint">{node.subtitle}</p>
      {node.finding !== 0 && <p>Deadlocked: <FindingLink number={node.finding} /></p>}
      {node.finding === 0 && node.stuck && <p>Proved: nothing can ever wake {node.members.length === 1 ? 'it' : 'them'}.</p>}
      {node.folded && <button type="button" class="button" onClick={onUnfold}>Unfold</button>}
      {!node.folded && canFold && <button type="button" class="button" onClick={onFold}>Fold</button>}
      <ul class="members">
        {node.members.slice(0, kMostMembers).map((member) => (
          <li key={member}>{node.kind === 'task' ? <TaskLink task={member} /> : <ObjectLink object={member} />}</li>
        ))}
        {node.members.length > kMostMembers && <li class="faint">and {count(node.members.length - kMostMembers)} more</li>}
      </ul>
    </aside>
  );
}

/** The graph for those who cannot see it, or cannot follow its lines. */
function Sentences({graph}: {graph: WaitGraph}) {
  const title = new Map(graph.nodes.map((node) => [node.id, node.title]));
  return (
    <details class="sentences" open={graph.edges.length <= 12}>
      <summary>As sentences</summary>
      <ul>
        {graph.edges.slice(0, kMostSentences).map((edge, i) => (
          <li key={i} class={edge.cycle ? 'cycle' : ''}>
            {title.get(edge.from)} <span class="faint">{edge.label}</span> {title.get(edge.to)}
            {edge.count > 1 && <span class="faint"> ×{count(edge.count)}</span>}{edge.cycle && <span class="faint"> (in a circle)</span>}
          </li>
        ))}
      </ul>
    </details>
  );
}

function NothingWaits() {
  const {dump, tasks} = usePage();
  return <Empty>{tasks.length < dump.tasks.live ? 'None of the tasks that the filter leaves waits for an object or a task.'
                                               : 'No task waits for an object or for another task.'}</Empty>;
}

export function GraphView() {
  const {dump, tasks, route} = usePage();
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState('');
  const reach = route.choices['reach'] === '1';
  const knowsReach = useMemo(() => dump.json.objects.details.some((detail) => detail.reach !== null), [dump]);
  const graph = useMemo(() => waitGraph(dump, tasks, {unfolded, reach, limit: kMostNodes}), [dump, tasks, unfolded, reach]);
  const node = graph.nodes.find(({id}) => id === chosen);
  const setFold = (fold: string, open: boolean) => {
    const next = new Set(unfolded);
    if (open) next.add(fold);
    else next.delete(fold);
    setUnfolded(next);
  };
  const cycles = graph.edges.filter((edge) => edge.cycle).length;
  if (graph.nodes.length === 0) return <NothingWaits />;
  return (
    <section class="graph-view" aria-label="Wait-for graph">
      <div class="controls">
        <span class="faint">{counted(graph.nodes.length, 'node')}, {counted(graph.edges.length, 'edge')}
          {graph.left > 0 && `; ${count(graph.left)} more nodes are left out: use the filter`}</span>
        {cycles > 0 && <span class="legend cycle">red: a circle of waits, proved</span>}
        {knowsReach && <Toggle label="Who could reach it" on={reach} onChange={(on) => choose(route, {reach: on ? '1' : ''}, true)} />}
        <span class="spring" />
        {unfolded.size > 0 && <button type="button" class="button" onClick={() => setUnfolded(new Set())}>Fold all</button>}
      </div>
      <div class={`graph-split ${node === undefined ? '' : 'with-panel'}`}>
        <GraphDrawing graph={graph} chosen={chosen} onChoose={({id}) => setChosen(id === chosen ? '' : id)}
                      onUnfold={({fold}) => setFold(fold, true)} />
        {node !== undefined && <NodePanel node={node} canFold={unfolded.has(node.fold)}
          onUnfold={() => setFold(node.fold, true)} onFold={() => setFold(node.fold, false)} />}
      </div>
      <Sentences graph={graph} />
    </section>
  );
}
