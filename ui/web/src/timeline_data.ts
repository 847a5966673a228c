// SPDX-License-Identifier: Apache-2.0
// timeline_data.ts: what tasks did when, read and indexed. A life is a task of the timeline, called by its index; its
// spans lie side by side and are called by their index among all spans.
import {type Dump} from './dump';
import type {Column, FindingJson, TimelineJson} from './page_json';

function integers(column: Column, count: number): Int32Array {
  return typeof column === 'number' ? new Int32Array(count).fill(column) : Int32Array.from(column);
}

function numbers(column: Column, count: number): Float64Array {
  return typeof column === 'number' ? new Float64Array(count).fill(column) : Float64Array.from(column);
}

export interface Arrow { from: number; to: number; at: number; begin: number; word: number }

export class TimelineData {
  /** The first and the last moment of any task. */
  readonly start: number;
  readonly end: number;
  readonly lives: {count: number; process: Int32Array; task: Int32Array; label: Int32Array; ended: Int32Array};
  /** Spans of life i: from first[i] to before first[i + 1]. */
  readonly first: Int32Array;
  readonly spans: {act: Int32Array; begin: Float64Array; end: Float64Array};
  readonly acts: {count: number; group: Int32Array; word: Int32Array; object: Int32Array; stack: Int32Array};
  readonly arrows: readonly Arrow[];
  private arrowsByLife: Map<number, Arrow[]> | null = null;

  constructor(readonly json: TimelineJson) {
    const {lives, spans, acts, arrows} = json;
    this.lives = {
      count: lives.count, process: integers(lives.process, lives.count), task: integers(lives.task, lives.count),
      label: integers(lives.label, lives.count), ended: integers(lives.ended, lives.count),
    };
    this.acts = {
      count: acts.count, group: integers(acts.group, acts.count), word: integers(acts.word, acts.count),
      object: integers(acts.object, acts.count), stack: integers(acts.stack, acts.count),
    };
    const begins = numbers(lives.begin_ns, lives.count), counts = integers(lives.spans, lives.count);
    const lengths = numbers(spans.length_ns, spans.count);
    this.spans = {act: integers(spans.act, spans.count), begin: new Float64Array(spans.count), end: new Float64Array(spans.count)};
    this.first = new Int32Array(lives.count + 1);
    for (let life = 0, at = 0; life < lives.count; ++life) {
      let time = begins[life]!;
      this.first[life] = at;
      for (const stop = at + counts[life]!; at < stop; ++at) {
        this.spans.begin[at] = time;
        this.spans.end[at] = time += lengths[at]!;
      }
      this.first[life + 1] = at;
    }
    const starts = Array.from({length: lives.count}, (_, life) => life).filter((life) => this.first[life]! < this.first[life + 1]!);
    this.start = starts.reduce((least, life) => Math.min(least, this.begin(life)), starts.length === 0 ? 0 : Infinity);
    this.end = starts.reduce((most, life) => Math.max(most, this.endOf(life)), this.start + 1);
    const from = integers(arrows.from, arrows.count), to = integers(arrows.to, arrows.count);
    const at = numbers(arrows.to_ns, arrows.count), length = numbers(arrows.length_ns, arrows.count);
    const word = integers(arrows.word, arrows.count);
    this.arrows = Array.from(at, (time, i) => ({from: from[i]!, to: to[i]!, at: time, begin: time - length[i]!, word: word[i]!}))
        .sort((a, b) => a.at - b.at);
  }

  begin(life: number): number { return this.first[life] === this.first[life + 1] ? 0 : this.spans.begin[this.first[life]!]!; }
  endOf(life: number): number { return this.first[life] === this.first[life + 1] ? 0 : this.spans.end[this.first[life + 1]! - 1]!; }

  /** The span of `life` at that time, or the one next to it; -1: it has none. */
  spanAt(life: number, time: number): number {
    let low = this.first[life]!, high = this.first[life + 1]! - 1;
    if (high < low) return -1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.spans.end[middle]! > time) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Time of `life` in spans of each group between `from` and `to`. */
  sums(life: number, from: number, to: number, into: Map<number, number>): void {
    for (let i = this.spanAt(life, from); i >= 0 && i < this.first[life + 1]! && this.spans.begin[i]! < to; ++i) {
      const time = Math.min(this.spans.end[i]!, to) - Math.max(this.spans.begin[i]!, from);
      const group = this.acts.group[this.spans.act[i]!]!;
      if (time > 0) into.set(group, (into.get(group) ?? 0) + time);
    }
  }

  /** What let `life` go on where this span begins; null: that is not known. */
  causeOf(life: number, span: number): Arrow | null {
    if (this.arrowsByLife === null) {
      this.arrowsByLife = new Map();
      for (const arrow of this.arrows) {
        const known = this.arrowsByLife.get(arrow.to);
        if (known) known.push(arrow);
        else this.arrowsByLife.set(arrow.to, [arrow]);
      }
    }
    return this.arrowsByLife.get(life)?.find((arrow) => arrow.at === this.spans.begin[span]!) ?? null;
  }
}

/** Of the tasks that a finding is about: those that the timeline has. */
export function livesOfFinding({timeline}: Dump, finding: FindingJson | undefined): Set<number> {
  const lives = new Set<number>();
  if (timeline === null || finding === undefined) return lives;
  const tasks = new Set([...finding.groups, ...finding.consequences].flatMap((group) => group.tasks));
  for (let life = 0; life < timeline.lives.count; ++life) if (tasks.has(timeline.lives.task[life]!)) lives.add(life);
  return lives;
}

/** What a finding foresees, where it happened in the run: the steps of its schedule. */
export interface Mark { life: number; at: number; what: string; isNext: boolean }

export function marksOf({timeline}: Dump, finding: FindingJson | undefined): Mark[] {
  const schedule = finding?.schedule ?? null;
  if (timeline === null || schedule === null) return [];
  const lives = schedule.rows.map((row) => (row === 0 ? -1 : timeline.lives.task.indexOf(row)));
  return schedule.steps.flatMap(({column, what, time_ns: at, next}) =>
      (at === null || (lives[column] ?? -1) < 0 ? [] : [{life: lives[column]!, at, what, isNext: next}]));
}

/** A round number of nanoseconds, so that about `most` of them fit into `length`. */
export function tickStep(length: number, most: number): number {
  const least = length / Math.max(most, 1);
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? power * 10;
}

/** "1.250 ms": with as many digits as tell marks apart that lie `step` apart. */
export function timeText(time: number, step: number): string {
  const [size, unit] = step >= 1e9 || time >= 1e9 ? [1e9, 's'] as const : step >= 1e6 || time >= 1e6 ? [1e6, 'ms'] as const
                                                  : step >= 1e3 || time >= 1e3 ? [1e3, 'µs'] as const : [1, 'ns'] as const;
  const digits = Math.max(0, Math.ceil(Math.log10(size / Math.max(step, 1)) - 1e-9));
  return `${(time / size).toFixed(Math.min(digits, 9))} ${unit}`;
}
