// SPDX-License-Identifier: Apache-2.0
// flame_tree.ts: stacks of many tasks as one tree, for the flame graph.
import {type Dump} from './dump';
import {waitText} from './groups';
import {type ProfileSite} from './profile_data';

export type Weight = 'count' | 'wait';
export type StackKind = 'at' | 'created';

export interface FlameOptions {
  weight: Weight;
  stack: StackKind;
  /** From where tasks stand towards where they began. */
  inverted: boolean;
  /** With frames of libraries, that readers mostly skip. */
  internal: boolean;
  /** A level below the root: object, reason, state, finding, kind; "": none. */
  by: string;
}

export interface FlameNode {
  name: string;
  place: string;
  /** Of all tasks below it. */
  value: number;
  /** Tasks in the first dump, in a comparison. */
  before: number;
  tasks: number;
  isFrame: boolean;
  children: FlameNode[];
}

interface Building { node: FlameNode; children: Map<string, Building> }

function building(name: string, place: string, isFrame: boolean): Building {
  return {node: {name, place, value: 0, before: 0, tasks: 0, isFrame, children: []}, children: new Map()};
}

function descend(parent: Building, name: string, place: string, isFrame: boolean): Building {
  const key = isFrame ? name : ` ${name}`;
  let child = parent.children.get(key);
  if (!child) {
    child = building(name, place, isFrame);
    parent.children.set(key, child);
    parent.node.children.push(child.node);
  }
  return child;
}

function addPath(root: Building, path: readonly [name: string, place: string, isFrame: boolean][], value: number,
                 before: number, tasks: number): void {
  let at = root;
  for (const step of [null, ...path]) {
    if (step !== null) at = descend(at, ...step);
    at.node.value += value;
    at.node.before += before;
    at.node.tasks += tasks;
  }
}

/** Numbers of the frames of `stack` to draw, innermost first. */
export function framesToDraw(dump: Dump, stack: number, internal: boolean): readonly number[] {
  const all = dump.stacks.frames[stack] ?? [];
  if (internal) return all.filter((frame) => dump.frames.role[frame] !== 2);
  const user = all.filter((frame) => dump.frames.role[frame] === 0);
  const site = dump.stacks.site[stack]!;
  return user.length > 0 || site === 0 ? user : [site];
}

function pathOfStack(dump: Dump, stack: number, internal: boolean): [name: string, place: string, isFrame: boolean][] {
  return framesToDraw(dump, stack, internal)
      .map((frame) => [dump.text(dump.frames.function[frame]!), dump.text(dump.frames.place[frame]!), true]);
}

// A thousand tasks that wait for a thousand channels made at one line stay together.
function objectLevel(dump: Dump, object: number): string {
  if (object === 0) return 'no object';
  const made = dump.objects.madeAt[object]!;
  if (dump.text(dump.objects.name[object]!) !== '' || made === 0) return dump.objectLabel(object);
  return `${dump.text(dump.objects.kind[object]!)} of ${dump.framePlace(made)}`;
}

function levelOf(dump: Dump, task: number, by: string): string {
  const t = dump.tasks;
  switch (by) {
    case 'object': return objectLevel(dump, t.object[task]!);
    case 'reason': return waitText(dump, task);
    case 'state': return dump.text(t.state[task]!);
    case 'kind': return dump.text(t.kind[task]!);
    case 'finding': {
      const finding = dump.finding(t.finding[task]!);
      return finding === undefined ? 'in no finding' : `${finding.number}  ${dump.text(finding.title)}`;
    }
    default: return '';
  }
}

/** The tree of `tasks`. Its root is all of them. */
export function flameTree(dump: Dump, tasks: Int32Array, options: FlameOptions): FlameNode {
  const root = building('all', '', false);
  // Tasks with the same path are added up first: there are few paths.
  const sums = new Map<string, {task: number; value: number; tasks: number}>();
  const column = options.stack === 'created' ? dump.tasks.created : dump.tasks.stack;
  for (const task of tasks) {
    const value = options.weight === 'count' ? 1 : dump.tasks.wait[task]!;
    if (value === 0) continue;
    const key = `${column[task]} ${dump.tasks.reason[task]} ${dump.tasks.state[task]} ${levelOf(dump, task, options.by)}`;
    const sum = sums.get(key);
    if (sum) { sum.value += value; ++sum.tasks; } else sums.set(key, {task, value, tasks: 1});
  }
  for (const {task, value, tasks: number} of sums.values()) {
    const stack = column[task]!;
    const frames = pathOfStack(dump, stack, options.internal);
    const leaf: [string, string, boolean][] =
        options.stack === 'created' ? [] : [[`[${waitText(dump, task)}]`, '', false]];
    if (frames.length === 0) frames.push([options.stack === 'created' ? '(creation not seen)' : '(no stack)', '', false]);
    const level = levelOf(dump, task, options.by);
    const path = options.inverted ? [...leaf, ...frames] : [...frames.reverse(), ...leaf];
    addPath(root, level === '' ? path : [[level, '', false], ...path], value, 0, number);
  }
  return root.node;
}

/** The tree of the places of a profile. */
export function profileTree(dump: Dump, sites: readonly ProfileSite[], weight: Weight, inverted: boolean, internal: boolean): FlameNode {
  const root = building('all', '', false);
  for (const {stack, reason, number, delay} of sites) {
    const frames = pathOfStack(dump, stack, internal);
    if (frames.length === 0) frames.push(['(no stack)', '', false]);
    const leaf: [string, string, boolean][] = reason === 0 ? [] : [[`[${dump.text(reason)}]`, '', false]];
    const path = inverted ? [...leaf, ...frames] : [...frames.reverse(), ...leaf];
    addPath(root, path, weight === 'count' ? number : delay, 0, number);
  }
  return root.node;
}

/** The tree of a comparison: how many tasks there are now at each place, and how many there were. */
export function changeTree(series: readonly {functions: string[]; wait_reason: string; state: string; counts: number[]}[],
                           inverted: boolean): FlameNode {
  const root = building('all', '', false);
  for (const one of series) {
    const now = one.counts[one.counts.length - 1] ?? 0, before = one.counts[0] ?? 0;
    const frames = one.functions.map((name): [string, string, boolean] => [name, '', true]);
    if (frames.length === 0) frames.push(['(no stack)', '', false]);
    const leaf: [string, string, boolean] = [`[${one.wait_reason === '' ? one.state : one.wait_reason}]`, '', false];
    const path = inverted ? [leaf, ...frames] : [...frames.reverse(), leaf];
    addPath(root, path, Math.max(now, before), before, now);
  }
  return root.node;
}
