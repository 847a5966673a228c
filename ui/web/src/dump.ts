// SPDX-License-Identifier: Apache-2.0
// dump.ts: the data of the page, read and indexed. Nothing in it changes once it is made.
//
// Tasks and objects are called by row + 1, as in the data, so that 0 is nobody.
import type {Column, FindingJson, ObjectDetailJson, PageJson} from './page_json';
import {Profile} from './profile_data';
import {TimelineData} from './timeline_data';

export const enum Flag { StackMissing = 1, StackCut = 2, DidNotAnswer = 4, Main = 8, Timeout = 16 }

/** `column` with a value for each of `count` rows, from index 1 on. */
function integers(column: Column, count: number): Int32Array {
  const all = new Int32Array(count + 1);
  if (typeof column === 'number') all.fill(column, 1);
  else all.set(column, 1);
  return all;
}

function numbers(column: Column, count: number): Float64Array {
  const all = new Float64Array(count + 1);
  if (typeof column === 'number') all.fill(column, 1);
  else all.set(column, 1);
  return all;
}

/** The same for tables, whose number 0 is an entry of its own. */
function entries(column: Column, count: number): Int32Array {
  return typeof column === 'number' ? new Int32Array(count).fill(column) : Int32Array.from(column);
}

export class Dump {
  readonly texts: readonly string[];
  readonly frames: {
    count: number; function: Int32Array; file: Int32Array; line: Int32Array; module: Int32Array;
    place: Int32Array; source: Int32Array; role: Int32Array; inlined: Int32Array;
  };
  readonly stacks: {
    count: number; frames: readonly (readonly number[])[]; folds: readonly (readonly number[])[];
    site: Int32Array; code: Int32Array; functions: Int32Array;
  };
  readonly tasks: {
    count: number; live: number; process: Int32Array; id: Float64Array; label: Int32Array; kind: Int32Array;
    name: Int32Array; state: Int32Array; reason: Int32Array; wait: Float64Array; object: Int32Array;
    forTask: Int32Array; stack: Int32Array; created: Int32Array; parent: Int32Array; test: Int32Array;
    labels: Int32Array; held: Int32Array; cases: Int32Array; verdict: Int32Array; stuck: Int32Array;
    finding: Int32Array; tid: Int32Array; flags: Int32Array;
  };
  readonly objects: {
    count: number; process: Int32Array; id: Float64Array; kind: Int32Array; name: Int32Array;
    label: Int32Array; address: Int32Array; created: Int32Array; madeAt: Int32Array;
  };
  /** By task: the same number for the same state and wait reason; they count from 0. */
  readonly waitClass: Int32Array;
  readonly waitClasses: number;
  /** Keys of labels that any live task has. */
  readonly labelKeys: readonly string[];
  private waiters: Map<number, number[]> | null = null;
  private timelineData: TimelineData | null = null;
  private profileData: readonly Profile[] | null = null;

  /** By task: 1 where it was not among those that are known already. */
  readonly fresh: Uint8Array;
  readonly freshCount: number = 0;
  private taskRows: Map<string, number> | null = null;
  private objectRows: Map<string, number> | null = null;

  /** `known`: keys of tasks that are not new; null: none is. */
  constructor(readonly json: PageJson, known: ReadonlySet<string> | null = null) {
    const {frames: f, stacks: s, tasks: t, objects: o} = json;
    this.texts = json.texts;
    const frame = (column: Column) => entries(column, f.count);
    this.frames = {
      count: f.count, function: frame(f.function), file: frame(f.file), line: frame(f.line), module: frame(f.module),
      place: frame(f.place), source: frame(f.source), role: frame(f.role), inlined: frame(f.inlined),
    };
    this.stacks = {
      count: s.count, frames: s.frames, folds: s.folds, site: entries(s.site, s.count), code: entries(s.code, s.count),
      functions: entries(s.functions, s.count),
    };
    const task = (column: Column) => integers(column, t.count);
    this.tasks = {
      count: t.count, live: t.live, process: task(t.process), id: numbers(t.id, t.count), label: task(t.label),
      kind: task(t.kind), name: task(t.name), state: task(t.state), reason: task(t.wait_reason),
      wait: numbers(t.wait_ns, t.count), object: task(t.object), forTask: task(t.waits_for_task), stack: task(t.stack),
      created: task(t.created), parent: task(t.parent), test: task(t.test), labels: task(t.labels), held: task(t.held),
      cases: task(t.cases), verdict: task(t.verdict), stuck: task(t.stuck), finding: task(t.finding), tid: task(t.tid),
      flags: task(t.flags),
    };
    const object = (column: Column) => integers(column, o.count);
    this.objects = {
      count: o.count, process: object(o.process), id: numbers(o.id, o.count), kind: object(o.kind),
      name: object(o.name), label: object(o.label), address: object(o.address), created: object(o.created),
      madeAt: object(o.made_at),
    };
    this.labelKeys = this.keysOfLabels();
    const classes = new Map<number, number>();
    this.waitClass = this.tasks.state.map((text, i) => {
      const both = text * this.texts.length + this.tasks.reason[i]!;
      const known = classes.get(both) ?? classes.size;
      classes.set(both, known);
      return known;
    });
    this.waitClasses = classes.size;
    this.fresh = new Uint8Array(t.count + 1);
    for (let i = 1; known !== null && i <= t.live; ++i) {
      if (known.has(this.taskKey(i))) continue;
      this.fresh[i] = 1;
      ++this.freshCount;
    }
  }

  private keysOfLabels(): string[] {
    const keys = new Set<number>();
    for (const list of new Set(this.tasks.labels.subarray(1, this.tasks.live + 1))) {
      const pairs = this.list(list);
      for (let i = 0; i < pairs.length; i += 2) keys.add(pairs[i]!);
    }
    return [...keys].map((key) => this.text(key)).sort();
  }

  text(number: number): string { return this.texts[number] ?? ''; }
  list(number: number): readonly number[] { return this.json.lists[number] ?? []; }
  /** null: there is no trace. */
  get timeline(): TimelineData | null {
    if (this.timelineData === null && this.json.timeline !== null) this.timelineData = new TimelineData(this.json.timeline);
    return this.timelineData;
  }
  get profiles(): readonly Profile[] { return this.profileData ??= this.json.profiles.map((json) => new Profile(json)); }
  get findings(): readonly FindingJson[] { return this.json.findings; }
  get severalProcesses(): boolean { return this.json.processes.length > 1; }

  /** What a task is called in addresses: rows are others in the next data of the same process. */
  taskKey(task: number): string { return this.key(this.tasks.process[task]!, this.tasks.id[task]!); }
  objectKey(object: number): string { return this.key(this.objects.process[object]!, this.objects.id[object]!); }
  private key(process: number, id: number): string { return process === 0 ? String(id) : `${process}.${id}`; }

  /** 0: there is none. */
  taskOfKey(key: string | undefined): number {
    if (key === undefined) return 0;
    if (this.taskRows === null) {
      this.taskRows = new Map();
      for (let task = this.tasks.count; task >= 1; --task) this.taskRows.set(this.taskKey(task), task);
    }
    return this.taskRows.get(key) ?? 0;
  }

  objectOfKey(key: string | undefined): number {
    if (key === undefined) return 0;
    if (this.objectRows === null) {
      this.objectRows = new Map();
      for (let object = this.objects.count; object >= 1; --object) this.objectRows.set(this.objectKey(object), object);
    }
    return this.objectRows.get(key) ?? 0;
  }

  finding(number: number): FindingJson | undefined {
    return number === 0 ? undefined : this.json.findings.find((finding) => finding.number === number);
  }

  taskLabel(task: number): string { return task === 0 ? 'a task' : this.text(this.tasks.label[task]!); }

  /** "mutex Cart::mu" */
  objectLabel(object: number): string {
    const kind = this.text(this.objects.kind[object]!);
    const label = this.text(this.objects.label[object]!);
    return label === '' ? kind : `${kind} ${label}`;
  }

  objectDetail(object: number): ObjectDetailJson | undefined { return this.json.objects.details[object - 1]; }

  holders(object: number): readonly [task: number, read: number, at: number][] {
    return this.json.objects.holders[object] ?? [];
  }

  /** Objects that `task` waits for: one, or those of its select. */
  waitsOn(task: number): readonly number[] {
    const one = this.tasks.object[task]!;
    const cases = this.list(this.tasks.cases[task]!);
    if (cases.length === 0) return one === 0 ? [] : [one];
    const all = new Set(one === 0 ? [] : [one]);
    for (let i = 0; i < cases.length; i += 2) if (cases[i] !== 0) all.add(cases[i]!);
    return [...all];
  }

  /** Live tasks that wait for `object`, those that wait longest first. */
  waitersOf(object: number): readonly number[] {
    this.waiters ??= this.allWaiters();
    return this.waiters.get(object) ?? [];
  }

  private allWaiters(): Map<number, number[]> {
    const all = new Map<number, number[]>();
    for (let task = 1; task <= this.tasks.live; ++task) {
      for (const object of this.waitsOn(task)) {
        const known = all.get(object);
        if (known) known.push(task);
        else all.set(object, [task]);
      }
    }
    for (const tasks of all.values()) tasks.sort((a, b) => this.tasks.wait[b]! - this.tasks.wait[a]!);
    return all;
  }

  /** "Cart::Flush (cart.cc:81)" */
  framePlace(frame: number): string {
    if (frame === 0) return '';
    const name = this.text(this.frames.function[frame]!);
    const place = this.text(this.frames.place[frame]!);
    return place === '' || place === name ? name : `${name} (${place})`;
  }
}

/** The data that stands in `element`: JSON, or JSON that is compressed. */
export async function readPage(element: HTMLElement): Promise<PageJson> {
  const text = element.textContent ?? '';
  if (element.dataset['encoding'] !== 'gzip') return JSON.parse(text) as PageJson;
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; ++i) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text()) as PageJson;
}
