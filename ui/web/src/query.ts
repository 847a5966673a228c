// SPDX-License-Identifier: Apache-2.0
// query.ts: the filter that all views share.
//
//   Flush state:blocked -reason:sleep label.request:42 "two words"
//
// All words must hold. A word without a key is looked for in everything a task has: its name, functions and files of
// both stacks, wait reason, state, object, labels, test. One with a key is looked for in that alone; = instead of :
// asks for all of it. A minus asks for the contrary. Capitals do not matter.
import {type Dump} from './dump';

export interface Word { key: string; value: string; exact: boolean; not: boolean }

export const kKeys = ['task', 'kind', 'state', 'reason', 'object', 'fn', 'created', 'test', 'finding', 'verdict',
                      'process', 'id', 'is'] as const;

export function parseQuery(query: string): Word[] {
  const words: Word[] = [];
  for (const match of query.matchAll(/(-?)(?:([a-z]+(?:\.[^\s:="]+)?)([:=]))?(?:"([^"]*)"?|(\S+))/gi)) {
    const [, minus, key, sign, quoted, plain] = match;
    const value = (quoted ?? plain ?? '').toLowerCase();
    const name = (key ?? '').toLowerCase();
    const known = name === '' || name.startsWith('label.') || (kKeys as readonly string[]).includes(name);
    if (known) {
      if (value !== '' || sign === '=') words.push({key: name, value, exact: sign === '=', not: minus === '-'});
    } else {  // std::mutex is no key
      words.push({key: '', value: `${name}${sign}${value}`, exact: false, not: minus === '-'});
    }
  }
  return words;
}

/** A word for a query that asks for exactly that. */
export function exactWord(key: string, value: string): string {
  return `${key}=${/[\s"]|^$/.test(value) ? `"${value.replaceAll('"', '')}"` : value}`;
}

/** `query` with `word` behind it, unless it is there. */
export function withWord(query: string, word: string): string {
  return ` ${query} `.includes(` ${word} `) ? query : `${query} ${word}`.trim();
}

/** Answers queries on one dump. What has been asked for once is remembered, as most keys only add to a word. */
export class Search {
  private readonly lower: string[];
  private readonly textHits = new Map<string, Uint8Array>();

  constructor(private readonly dump: Dump) {
    this.lower = dump.texts.map((text) => text.toLowerCase());
  }

  /** The live tasks that `query` asks for, in order. */
  tasks(query: string): Int32Array {
    const {live} = this.dump.tasks;
    const found = new Uint8Array(live + 1).fill(1);
    for (const word of parseQuery(query)) this.narrow(word, found);
    let count = 0;
    for (let task = 1; task <= live; ++task) count += found[task]!;
    const rows = new Int32Array(count);
    for (let task = 1, at = 0; task <= live; ++task) if (found[task]) rows[at++] = task;
    return rows;
  }

  private narrow(word: Word, found: Uint8Array): void {
    const holds = this.predicate(word);
    const wanted = !word.not;
    for (let task = 1; task < found.length; ++task) if (found[task] && holds(task) !== wanted) found[task] = 0;
  }

  /** By number of text: whether it has `word` in it. */
  private hits(word: Word): Uint8Array {
    const key = `${word.exact ? '=' : ':'}${word.value}`;
    let hits = this.textHits.get(key);
    if (!hits) {
      hits = new Uint8Array(this.lower.length);
      this.lower.forEach((text, i) => {
        hits![i] = (word.exact ? text === word.value : text.includes(word.value)) ? 1 : 0;
      });
      if (this.textHits.size > 64) this.textHits.clear();
      this.textHits.set(key, hits);
    }
    return hits;
  }

  private stackHits(hits: Uint8Array): Uint8Array {
    const {frames, stacks} = this.dump;
    const frameHits = new Uint8Array(frames.count);
    for (let i = 0; i < frames.count; ++i)
      frameHits[i] = hits[frames.function[i]!]! | hits[frames.file[i]!]! | hits[frames.place[i]!]!;
    return Uint8Array.from(stacks.frames, (list) => (list.some((frame) => frameHits[frame]) ? 1 : 0));
  }

  private objectHits(hits: Uint8Array): Uint8Array {
    const {objects, frames} = this.dump;
    const all = new Uint8Array(objects.count + 1);
    for (let i = 1; i <= objects.count; ++i) {
      all[i] = hits[objects.label[i]!]! | hits[objects.kind[i]!]! | hits[objects.address[i]!]! |
          hits[frames.function[objects.madeAt[i]!]!]!;
    }
    return all;
  }

  private labelHits(hits: Uint8Array, key: string): Uint8Array {
    return Uint8Array.from(this.dump.json.lists, (_, list) => {
      const pairs = this.dump.list(list);
      for (let i = 0; i + 1 < pairs.length; i += 2)
        if ((key === '' || this.lower[pairs[i]!] === key) && hits[pairs[i + 1]!]) return 1;
      return 0;
    });
  }

  private predicate(word: Word): (task: number) => boolean {
    const t = this.dump.tasks;
    const hits = this.hits(word);
    const inColumn = (column: Int32Array) => (task: number) => hits[column[task]!] === 1;
    if (word.key.startsWith('label.')) {
      const lists = this.labelHits(hits, word.key.slice('label.'.length));
      return (task) => lists[t.labels[task]!] === 1;
    }
    switch (word.key) {
      case 'task': return (task) => hits[t.label[task]!] === 1 || hits[t.name[task]!] === 1;
      case 'kind': return inColumn(t.kind);
      case 'state': return inColumn(t.state);
      case 'reason': return inColumn(t.reason);
      case 'test': return inColumn(t.test);
      case 'verdict': return inColumn(t.verdict);
      case 'finding': {
        const members = this.membersOf(Number(word.value));
        return (task) => (word.value === '' ? t.finding[task] === 0 : members.has(task));
      }
      case 'process': {
        const found = this.dump.json.processes.map((process) => process.label.toLowerCase().includes(word.value));
        return (task) => found[t.process[task]!] ?? false;
      }
      case 'id': {
        const wanted = this.dump.taskOfKey(word.value);
        return (task) => task === wanted;
      }
      case 'is': return (task) => (word.value === 'new' ? this.dump.fresh[task] : word.value === 'stuck' ? t.stuck[task] : 0) === 1;
      case 'object': return this.objectPredicate(word, hits);
      case 'fn': {
        const stacks = this.stackHits(hits);
        return (task) => stacks[t.stack[task]!] === 1;
      }
      case 'created': {
        const stacks = this.stackHits(hits);
        return (task) => stacks[t.created[task]!] === 1;
      }
      default: return this.anywhere(hits);
    }
  }

  private objectPredicate(word: Word, hits: Uint8Array): (task: number) => boolean {
    const objects = this.objectHits(hits);
    if (word.exact) {
      for (let i = 1; i <= this.dump.objects.count; ++i)
        objects[i] = this.dump.objectLabel(i).toLowerCase() === word.value ? 1 : 0;
    }
    return (task) => {
      if (objects[this.dump.tasks.object[task]!]) return true;
      if (this.dump.tasks.cases[task] !== 0 && this.dump.waitsOn(task).some((object) => objects[object])) return true;
      const held = this.dump.list(this.dump.tasks.held[task]!);
      for (let i = 0; i < held.length; i += 3) if (objects[held[i]!]) return true;
      return false;
    };
  }

  /** Tasks of a finding, also where they are part of a more important one. */
  private membersOf(number: number): Set<number> {
    const finding = this.dump.finding(number);
    const groups = finding === undefined ? [] : [...finding.groups, ...finding.consequences];
    return new Set(groups.flatMap((group) => group.tasks));
  }

  private anywhere(hits: Uint8Array): (task: number) => boolean {
    const t = this.dump.tasks;
    const stacks = this.stackHits(hits), objects = this.objectHits(hits), labels = this.labelHits(hits, '');
    objects[0] = 0;
    return (task) =>
        (hits[t.label[task]!]! | hits[t.state[task]!]! | hits[t.reason[task]!]! | hits[t.kind[task]!]! |
         stacks[t.stack[task]!]! | stacks[t.created[task]!]! | objects[t.object[task]!]! |
         labels[t.labels[task]!]! | hits[t.test[task]!]! | hits[t.verdict[task]!]!) === 1;
  }
}

/** Whether a place of a profile has all words of `query`: in its stack, or its wait reason. */
export function siteFilter(dump: Dump, query: string): (stack: number, reason: number) => boolean {
  const words = parseQuery(query);
  const {frames, stacks} = dump;
  const is = (text: number, {value, exact}: Word) => {
    const lower = dump.text(text).toLowerCase();
    return exact ? lower === value : lower.includes(value);
  };
  const inStack = (stack: number, word: Word) => (stacks.frames[stack] ?? []).some(
      (frame) => is(frames.function[frame]!, word) || is(frames.file[frame]!, word) || is(frames.place[frame]!, word));
  return (stack, reason) => words.every((word) => word.not !== (
      ((word.key === '' || word.key === 'fn') && inStack(stack, word)) ||
      ((word.key === '' || word.key === 'reason') && is(reason, word))));
}
