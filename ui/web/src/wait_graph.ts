// SPDX-License-Identifier: Apache-2.0
// wait_graph.ts: who waits for what, and who keeps or could end it, as nodes and edges to draw.
//
//   task --waits for--> object --held by--> task      object --can be reached by--> task      task --joins--> task
//
// Tasks that stand at the same place in the same way are one node, and so are objects made at the same place, until
// somebody unfolds them. Where that leaves many, those that wait for the same in the same way are one node first,
// wherever they stand.
import {type Dump} from './dump';
import {waitText} from './groups';

export type EdgeKind = 'waits' | 'held' | 'joins' | 'reach';

export interface GraphNode {
  id: string;
  kind: 'task' | 'object';
  title: string;
  subtitle: string;
  members: number[];
  /** Number of the finding that says its tasks deadlock; 0: none does. */
  finding: number;
  stuck: boolean;
  /** The fold that it is a part of, or the one that it is. */
  fold: string;
  folded: boolean;
}

export interface GraphEdge {
  from: string;
  to: string;
  kind: EdgeKind;
  count: number;
  /** Part of a circle of waits that a finding proves. */
  cycle: boolean;
  label: string;
}

export interface WaitGraph {
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** Nodes that there would be beyond the limit. */
  left: number;
}

export interface GraphOptions {
  unfolded: ReadonlySet<string>;
  reach: boolean;
  limit: number;
}

const kMostUnfolded = 60;
const kSmall = 16;  // tasks and objects of which none need be folded
const kMany = 24;   // folds that are folded again
const kFewObjects = 6;  // objects of one place that are not folded

class Builder {
  readonly nodes = new Map<string, GraphNode>();
  readonly edges = new Map<string, GraphEdge>();
  private readonly deadlocks = new Map<number, number>();
  private readonly foldSizes = new Map<string, number>();
  private readonly foldsOfCrowd = new Map<string, Set<string>>();
  private announced = 0;
  private readonly joined = new Set<string>();

  constructor(private readonly dump: Dump, private readonly options: GraphOptions) {
    for (const finding of dump.findings) {
      if (!finding.id.startsWith('deadlock.') || finding.number === 0) continue;
      for (const group of finding.groups) {
        for (const task of group.tasks)
          if (!this.deadlocks.has(task) || finding.id === 'deadlock.cycle') this.deadlocks.set(task, finding.number);
      }
    }
  }

  private taskFold(task: number): string {
    const {stack, reason, state, kind, created} = this.dump.tasks;
    const code = this.dump.stacks.code[stack[task]!]!;
    const origin = this.dump.stacks.code[created[task]!]!;
    return `t${code}.${reason[task]}.${state[task]}.${kind[task]}.${origin}.${this.deadlocks.get(task) ?? 0}` +
        (task > this.dump.tasks.live ? `.${task}` : '');
  }

  private objectFold(object: number): string {
    const {kind, madeAt, name} = this.dump.objects;
    return this.dump.text(name[object]!) !== '' || madeAt[object] === 0 ? `o#${object}` : `o${kind[object]}.${madeAt[object]}`;
  }

  /** Everything that is to be drawn is announced first, so that small folds can be left open. */
  announce(kind: 'task' | 'object', row: number): void {
    const fold = kind === 'task' ? this.taskFold(row) : this.objectFold(row);
    this.foldSizes.set(fold, (this.foldSizes.get(fold) ?? 0) + 1);
    ++this.announced;
    if (kind === 'task') {
      const crowd = this.crowd(row), folds = this.foldsOfCrowd.get(crowd);
      if (folds) folds.add(fold);
      else this.foldsOfCrowd.set(crowd, new Set([fold]));
    }
  }

  // What tasks have in common that wait for the same in the same way. Who holds a lock stands for himself.
  private crowd(task: number): string {
    const {reason, state, kind, held} = this.dump.tasks;
    if (held[task] !== 0 || task > this.dump.tasks.live) return this.taskFold(task);
    const objects = this.dump.waitsOn(task).map((object) => this.objectFold(object)).sort();
    return `c${reason[task]}.${state[task]}.${kind[task]}.${this.deadlocks.get(task) ?? 0}.${[...new Set(objects)].join('+')}`;
  }

  private taskNodeFold(task: number): string {
    const fold = this.taskFold(task);
    if (this.foldSizes.size <= kMany) return fold;
    const crowd = this.crowd(task);
    return (this.foldsOfCrowd.get(crowd)?.size ?? 0) > 1 && !this.options.unfolded.has(crowd) ? crowd : fold;
  }

  private isOpen(fold: string): boolean {
    const size = this.foldSizes.get(fold);
    if (size === undefined) return false;
    return size === 1 || (size <= kFewObjects && fold.startsWith('o')) || this.announced <= kSmall || (this.options.unfolded.has(fold) && size <= kMostUnfolded);
  }

  task(task: number): GraphNode {
    const fold = this.taskNodeFold(task), open = this.isOpen(fold);
    const node = this.node(open ? `${fold}/${task}` : fold, 'task', fold, !open);
    this.join(node, task);
    return node;
  }

  object(object: number): GraphNode {
    const fold = this.objectFold(object), open = this.isOpen(fold);
    const node = this.node(open ? `${fold}/${object}` : fold, 'object', fold, !open);
    this.join(node, object);
    return node;
  }

  /** Drawn as an edge to the task that is joined. */
  isJoin(object: number): boolean { return this.dump.text(this.dump.objects.kind[object]!) === 'join'; }

  private join(node: GraphNode, row: number): void {
    const key = `${node.kind}${row}`;
    if (this.joined.has(key)) return;
    this.joined.add(key);
    node.members.push(row);
  }

  private node(id: string, kind: 'task' | 'object', fold: string, folded: boolean): GraphNode {
    let node = this.nodes.get(id);
    if (!node) {
      node = {id, kind, title: '', subtitle: '', members: [], finding: 0, stuck: false, fold, folded};
      this.nodes.set(id, node);
    }
    return node;
  }

  edge(from: GraphNode, to: GraphNode, kind: EdgeKind, label: string): void {
    const key = `${from.id}>${to.id}>${kind}`;
    const edge = this.edges.get(key);
    if (edge) ++edge.count;
    else this.edges.set(key, {from: from.id, to: to.id, kind, count: 1, cycle: false, label});
  }

  finish(): void {
    const {dump} = this;
    for (const node of this.nodes.values()) {
      const first = node.members[0]!, many = node.members.length;
      if (node.kind === 'task') {
        const site = dump.stacks.site[dump.tasks.stack[first]!]!;
        const kind = dump.text(dump.tasks.kind[first]!);
        node.title = many === 1 ? dump.taskLabel(first) : `${many.toLocaleString('en-US')} ${kind}s`;
        const places = this.foldsOfCrowd.get(node.fold)?.size ?? 1;
        const where = places > 1 ? `at ${places} places` : site === 0 ? '' : dump.text(dump.frames.function[site]!);
        node.subtitle = [waitText(dump, first), where].filter((part) => part !== '').join(' · ');
        node.stuck = dump.tasks.stuck[first] === 1;
        node.finding = this.deadlocks.get(first) ?? 0;
      } else {
        const kind = dump.text(dump.objects.kind[first]!);
        node.title = many === 1 ? dump.objectLabel(first) : `${many.toLocaleString('en-US')} × ${kind}`;
        node.subtitle = dump.framePlace(dump.objects.madeAt[first]!);
      }
    }
    for (const edge of this.edges.values()) {
      const many = this.nodes.get(edge.from)!.members.length > 1;
      if (many) edge.label = edge.label.replace(/^waits/, 'wait').replace(/^is /, 'are ');
    }
    this.markCycles();
  }

  // An edge lies on a circle if both of its ends belong to the same strongly connected part of the drawn waits, and
  // the analyzer has proved that the tasks in it deadlock.
  private markCycles(): void {
    const next = new Map<string, string[]>();
    for (const edge of this.edges.values())
      if (edge.kind !== 'reach') next.set(edge.from, [...(next.get(edge.from) ?? []), edge.to]);
    const part = connectedParts([...this.nodes.keys()], next);
    const proved = new Set<number>();
    for (const node of this.nodes.values()) if (node.finding !== 0) proved.add(part.get(node.id)!);
    for (const edge of this.edges.values()) {
      const own = part.get(edge.from)!;
      edge.cycle = edge.kind !== 'reach' && own === part.get(edge.to) && proved.has(own);
    }
  }
}

/** Tarjan's strongly connected components, without recursion; by node the number of its part. */
export function connectedParts(nodes: readonly string[], next: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const index = new Map<string, number>(), low = new Map<string, number>(), part = new Map<string, number>();
  const stack: string[] = [];
  let parts = 0;
  for (const start of nodes) {
    if (index.has(start)) continue;
    const work: {node: string; edge: number}[] = [{node: start, edge: 0}];
    while (work.length > 0) {
      const top = work[work.length - 1]!;
      const {node} = top;
      if (top.edge === 0) {
        index.set(node, index.size);
        low.set(node, index.get(node)!);
        stack.push(node);
      }
      const to = next.get(node)?.[top.edge++];
      if (to !== undefined) {
        if (!index.has(to)) work.push({node: to, edge: 0});
        else if (!part.has(to)) low.set(node, Math.min(low.get(node)!, index.get(to)!));
        continue;
      }
      work.pop();
      const parent = work[work.length - 1];
      if (parent) low.set(parent.node, Math.min(low.get(parent.node)!, low.get(node)!));
      if (low.get(node) !== index.get(node)) continue;
      for (let member = ''; member !== node;) {
        member = stack.pop()!;
        part.set(member, parts);
      }
      ++parts;
    }
  }
  return part;
}

interface Drawn { tasks: Set<number>; objects: Set<number> }

/** `tasks` that wait, what they wait for, who keeps that, what those wait for, and so on. */
function followed(dump: Dump, tasks: Int32Array, reach: boolean): Drawn {
  const drawn: Drawn = {tasks: new Set(), objects: new Set()};
  const work: number[] = [];
  const add = (task: number) => {
    if (task === 0 || drawn.tasks.has(task)) return;
    drawn.tasks.add(task);
    work.push(task);
  };
  for (const task of tasks) if (dump.tasks.forTask[task] !== 0 || dump.waitsOn(task).length > 0) add(task);
  for (let task = work.pop(); task !== undefined; task = work.pop()) {
    add(dump.tasks.forTask[task]!);
    for (const object of dump.waitsOn(task)) {
      if (drawn.objects.has(object)) continue;
      drawn.objects.add(object);
      for (const [holder] of dump.holders(object)) add(holder);
      if (reach) for (const other of dump.objectDetail(object)?.reach?.tasks ?? []) add(other);
    }
  }
  return drawn;
}

/** The tasks to draw, and the objects between them. */
export function waitGraph(dump: Dump, tasks: Int32Array, options: GraphOptions): WaitGraph {
  const builder = new Builder(dump, options);
  const drawn = followed(dump, tasks, options.reach);
  for (const task of drawn.tasks) builder.announce('task', task);
  for (const object of drawn.objects) builder.announce('object', object);
  for (const task of drawn.tasks) {
    const from = builder.task(task), objects = dump.waitsOn(task), other = dump.tasks.forTask[task]!;
    const joins = other !== 0 && objects.every((object) => dump.text(dump.objects.kind[object]!) === 'join');
    if (joins) builder.edge(from, builder.task(other), 'joins', 'waits for the end of');
    else for (const object of objects) builder.edge(from, builder.object(object), 'waits', 'waits for');
  }
  for (const object of drawn.objects) {
    if (builder.isJoin(object)) continue;
    const from = builder.object(object);
    for (const [task, read] of dump.holders(object))
      if (task !== 0) builder.edge(from, builder.task(task), 'held', read === 1 ? 'is held for reading by' : 'is held by');
    for (const task of options.reach ? dump.objectDetail(object)?.reach?.tasks ?? [] : [])
      if (task !== 0) builder.edge(from, builder.task(task), 'reach', 'can be reached by');
  }
  builder.finish();
  return limited([...builder.nodes.values()], [...builder.edges.values()], options.limit);
}

/** The nodes that matter most: of circles, stuck ones, large ones. */
function limited(nodes: GraphNode[], edges: GraphEdge[], limit: number): WaitGraph {
  if (nodes.length <= limit) return {nodes, edges, left: 0};
  const inCycle = new Set(edges.filter((edge) => edge.cycle).flatMap((edge) => [edge.from, edge.to]));
  const rank = (node: GraphNode) => (inCycle.has(node.id) ? 2e9 : 0) + (node.stuck ? 1e9 : 0) + node.members.length;
  const kept = new Set([...nodes].sort((a, b) => rank(b) - rank(a)).slice(0, limit).map((node) => node.id));
  return {
    nodes: nodes.filter((node) => kept.has(node.id)),
    edges: edges.filter((edge) => kept.has(edge.from) && kept.has(edge.to)),
    left: nodes.length - limit,
  };
}
