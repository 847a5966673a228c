// SPDX-License-Identifier: Apache-2.0
// time_window.ts: which time of a timeline is shown, and which stretch is marked. Both stand in the address, so that
// a moment can be linked to; what an address asks for and is not there counts as not asked for.
import {type Route, choose} from './route';
import {type TimelineData} from './timeline_data';

const kNarrowest = 100;  // ns: the window is no shorter

export interface Window { from: number; to: number }

export class TimeWindow implements Window {
  readonly from: number;
  readonly to: number;
  /** The life and its span that are marked; -1: none is. */
  readonly life: number;
  readonly span: number;

  constructor(private readonly data: TimelineData, private readonly route: Route) {
    const number = (name: string, missing: number) => {
      const asked = Number(route.choices[name] ?? NaN);
      return Number.isFinite(asked) ? asked : missing;
    };
    const from = number('from', data.start), to = number('to', data.end);
    [this.from, this.to] = from < to ? [from, to] : [data.start, data.end];
    const life = number('life', -1), span = number('span', -1);
    const isThere = Number.isInteger(life) && Number.isInteger(span) && life >= 0 && life < data.lives.count &&
                    span >= data.first[life]! && span < data.first[life + 1]!;
    [this.life, this.span] = isThere ? [life, span] : [-1, -1];
  }

  get length(): number { return this.to - this.from; }

  show(from: number, to: number, more: Record<string, string> = {}): void {
    const {start, end} = this.data;
    const length = Math.min(Math.max(to - from, kNarrowest), end - start);
    const begin = Math.min(Math.max(start, from), end - length);
    const isAll = length >= end - start;
    choose(this.route, {from: isAll ? '' : String(Math.round(begin)), to: isAll ? '' : String(Math.round(begin + length)), ...more}, true);
  }
  showAll(): void { this.show(this.data.start, this.data.end); }
  zoom(factor: number, at = (this.from + this.to) / 2): void {
    this.show(at - (at - this.from) * factor, at + (this.to - at) * factor);
  }
  /** To what lies `part` of the window later. */
  move(part: number): void { this.show(this.from + part * this.length, this.to + part * this.length); }

  /** Marks a span, and moves the window so that it is in sight. */
  mark(life: number, span: number): void {
    const choices = {life: String(life), span: String(span)};
    const begin = this.data.spans.begin[span]!, end = this.data.spans.end[span]!;
    if (span < 0 || (begin < this.to && end > this.from)) return choose(this.route, choices, true);
    const middle = (begin + Math.min(end, begin + this.length)) / 2;
    this.show(middle - this.length / 2, middle + this.length / 2, choices);
  }
  markAt(life: number, time: number): void { this.mark(life, this.data.spanAt(life, time)); }
  unmark(): void { choose(this.route, {life: '', span: ''}, true); }
  zoomToSpan(): void { this.show(this.data.spans.begin[this.span]! - 1, this.data.spans.end[this.span]! + 1); }
}
