// SPDX-License-Identifier: Apache-2.0
// groups.ts: tasks put together by what they have in common, and how long they have waited.
import {type Dump} from './dump';
import {exactWord} from './query';

export type Similarity = 'stack' | 'code' | 'functions' | 'line' | 'function';

export const kSimilarities: readonly [Similarity, string][] = [
  ['stack', 'the whole stack'], ['code', 'lines of user code'], ['functions', 'user functions'],
  ['line', 'the innermost line'], ['function', 'the innermost function'],
];

export const kGroupings: readonly [string, string][] = [
  ['site', 'blocking site'], ['created', 'creation site'], ['object', 'object'], ['made', 'where the object was made'],
  ['reason', 'wait reason'], ['state', 'state'], ['finding', 'finding'], ['test', 'test'], ['kind', 'kind'],
  ['name', 'name'], ['process', 'process'],
];

export interface Distribution { least: number; median: number; most: number; bins: number[] }

export interface TaskGroup {
  key: string;
  title: string;
  /** What stands behind the title, fainter. */
  place: string;
  note: string;
  tasks: Int32Array;
  /** A word for the filter that asks for these tasks; "": there is none. */
  word: string;
}

export const kBins = 12;

/** Bin of a waiting time: from a microsecond on, each is about ten times the one before it. */
export function binOf(ns: number): number {
  return ns <= 0 ? 0 : Math.min(kBins - 1, Math.max(0, Math.floor(Math.log10(ns)) - 3));
}

export function distributionOf(dump: Dump, tasks: Int32Array): Distribution {
  const all = new Float64Array(tasks.length);
  let count = 0;
  for (const task of tasks) if (dump.tasks.wait[task]! > 0) all[count++] = dump.tasks.wait[task]!;
  const waits = all.subarray(0, count).sort();
  const bins = new Array<number>(kBins).fill(0);
  for (const ns of waits) ++bins[binOf(ns)]!;
  return {
    least: waits[0] ?? 0, median: waits[Math.floor(waits.length / 2)] ?? 0, most: waits[waits.length - 1] ?? 0, bins,
  };
}

/** The number that stacks of one group share. */
export function stackKey(dump: Dump, stack: number, similarity: Similarity): number {
  const site = dump.stacks.site[stack]!;
  switch (similarity) {
    case 'stack': return stack;
    case 'code': return dump.stacks.code[stack]!;
    case 'functions': return dump.stacks.functions[stack]!;
    case 'line': return site;
    case 'function': return dump.frames.function[site]!;
  }
}

interface Keyed { key: (task: number) => number | string; describe: (task: number) => Omit<TaskGroup, 'key' | 'tasks'> }

function plain(title: string, word = '', place = '', note = ''): Omit<TaskGroup, 'key' | 'tasks'> {
  return {title, word, place, note};
}

function byColumn(dump: Dump, column: Int32Array, key: string, none: string): Keyed {
  return {
    key: (task) => column[task]!,
    describe: (task) => {
      const text = dump.text(column[task]!);
      return plain(text === '' ? none : text, exactWord(key, text));
    },
  };
}

/** How tasks stand, in a few words: "chan send", "running". */
export function waitText(dump: Dump, task: number): string {
  const reason = dump.text(dump.tasks.reason[task]!);
  return reason === '' ? dump.text(dump.tasks.state[task]!) : reason;
}

function siteText(dump: Dump, stack: number, missing: string): [title: string, place: string] {
  const site = dump.stacks.site[stack]!;
  if (stack === 0 || site === 0) return [missing, ''];
  const name = dump.text(dump.frames.function[site]!), place = dump.text(dump.frames.place[site]!);
  return [name, place === name ? '' : place];
}

function byStack(dump: Dump, similarity: Similarity, created: boolean): Keyed {
  const column = created ? dump.tasks.created : dump.tasks.stack;
  const {flags} = dump.tasks;
  return {
    // Where tasks stand says little without how they wait there; where they come from does.
    key: (task) => {
      const key = stackKey(dump, column[task]!, similarity);
      return created ? key : key * dump.waitClasses + dump.waitClass[task]!;
    },
    describe: (task) => {
      const missing = created ? (flags[task]! & 8 ? 'start of the process' : 'creation not seen') : '(no stack)';
      const [title, place] = siteText(dump, column[task]!, missing);
      const word = column[task] === 0 ? '' : exactWord(created ? 'created' : 'fn', title);
      return plain(title, word, place, created ? '' : waitText(dump, task));
    },
  };
}

function byLabel(dump: Dump, key: string): Keyed {
  const valueOf = (task: number) => {
    const pairs = dump.list(dump.tasks.labels[task]!);
    for (let i = 0; i + 1 < pairs.length; i += 2) if (dump.text(pairs[i]!) === key) return pairs[i + 1]!;
    return -1;
  };
  return {
    key: valueOf,
    describe: (task) => {
      const value = valueOf(task);
      return value < 0 ? plain(`without ${key}`) : plain(dump.text(value), exactWord(`label.${key}`, dump.text(value)));
    },
  };
}

function keyedBy(dump: Dump, by: string, similarity: Similarity): Keyed {
  const t = dump.tasks;
  switch (by) {
    case 'created': return byStack(dump, similarity, true);
    case 'object': return {
      key: (task) => t.object[task]!,
      describe: (task) => {
        const object = t.object[task]!;
        if (object === 0) return plain(t.cases[task] !== 0 ? 'several, in a select' : 'no object');
        const label = dump.objectLabel(object);
        return plain(label, exactWord('object', label), dump.framePlace(dump.objects.madeAt[object]!));
      },
    };
    case 'made': return {
      key: (task) => {
        const object = t.object[task]!;
        return object === 0 ? 0 : `${dump.objects.kind[object]} ${dump.objects.madeAt[object]}`;
      },
      describe: (task) => {
        const object = t.object[task]!;
        if (object === 0) return plain('no object');
        const kind = dump.text(dump.objects.kind[object]!), place = dump.framePlace(dump.objects.madeAt[object]!);
        return plain(place === '' ? `${kind}, place not known` : `${kind} made or first used at`, '', place);
      },
    };
    case 'reason': return {...byColumn(dump, t.reason, 'reason', 'does not wait')};
    case 'state': return byColumn(dump, t.state, 'state', 'not known');
    case 'test': return byColumn(dump, t.test, 'test', 'no test');
    case 'kind': return byColumn(dump, t.kind, 'kind', 'not known');
    case 'name': return byColumn(dump, t.name, 'task', 'no name');
    case 'finding': return {
      key: (task) => t.finding[task]!,
      describe: (task) => {
        const finding = dump.finding(t.finding[task]!);
        return finding === undefined ? plain('in no finding', 'finding=""')
                                     : plain(`${finding.number}  ${dump.text(finding.title)}`,
                                             exactWord('finding', String(finding.number)), '', finding.id);
      },
    };
    case 'process': return {
      key: (task) => t.process[task]!,
      describe: (task) => {
        const label = dump.json.processes[t.process[task]!]?.label ?? '';
        return plain(label, `process:"${label}"`);
      },
    };
    default:
      return by.startsWith('label.') ? byLabel(dump, by.slice('label.'.length)) : byStack(dump, similarity, false);
  }
}

/** Largest first; among equals the one whose first task comes first. */
export function groupTasks(dump: Dump, tasks: Int32Array, by: string, similarity: Similarity): TaskGroup[] {
  const {key, describe} = keyedBy(dump, by, similarity);
  // Twice over all of them, first to count: a hundred thousand are grouped anew at each key of the filter.
  const numbers = new Map<number | string, number>();
  const numberOf = new Int32Array(tasks.length), sizes: number[] = [];
  for (let i = 0; i < tasks.length; ++i) {
    const of = key(tasks[i]!);
    let number = numbers.get(of);
    if (number === undefined) {
      number = sizes.push(0) - 1;
      numbers.set(of, number);
    }
    ++sizes[number]!;
    numberOf[i] = number;
  }
  const members = sizes.map((size) => new Int32Array(size)), filled = sizes.map(() => 0);
  for (let i = 0; i < tasks.length; ++i) {
    const number = numberOf[i]!;
    members[number]![filled[number]!++] = tasks[i]!;
  }
  return [...numbers]
      .map(([of, number]) => ({key: String(of), tasks: members[number]!, ...describe(members[number]![0]!)}))
      .sort((a, b) => b.tasks.length - a.tasks.length);
}
