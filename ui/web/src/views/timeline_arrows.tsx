// SPDX-License-Identifier: Apache-2.0
// timeline_arrows.tsx: who let whom go on, over the rows in sight, and what a finding is about. Of very many arrows
// only those of the marked task.
import {type Window} from '../time_window';
import {type Mark, type TimelineData} from '../timeline_data';

/** Of more, only those of the marked task are drawn. */
export const kMostArrows = 400;

export interface ArrowsProps {
  data: TimelineData;
  lives: readonly number[];
  /** Rows in sight. */
  first: number;
  count: number;
  rowHeight: number;
  window: Window;
  width: number;
  chosen: number;
  marks: readonly Mark[];
}

export function Arrows({data, lives, first, count, rowHeight, window, width, chosen, marks}: ArrowsProps) {
  if (width === 0) return null;
  const rows = new Map<number, number>();
  for (let row = first; row < Math.min(first + count, lives.length); ++row) rows.set(lives[row]!, row);
  const inSight = data.arrows.filter((arrow) => arrow.at >= window.from && arrow.begin <= window.to &&
                                                rows.has(arrow.from) && rows.has(arrow.to));
  const shown = inSight.length <= kMostArrows ? inSight : inSight.filter((arrow) => arrow.from === chosen || arrow.to === chosen).slice(0, kMostArrows);
  const x = (time: number) => (time - window.from) / (window.to - window.from) * width;
  const y = (life: number) => (rows.get(life)! + 0.5) * rowHeight;
  return (
    <svg class="life-arrows" width={width} height={lives.length * rowHeight} aria-hidden="true">
      <defs><marker id="arrow-head" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="5" markerHeight="5" orient="auto">
        <path d="M0 0 L6 3 L0 6 z" /></marker></defs>
      {shown.map((arrow, i) => (
        <path key={i} class={arrow.from === chosen || arrow.to === chosen ? 'chosen' : ''} marker-end="url(#arrow-head)"
              d={`M${x(arrow.begin)} ${y(arrow.from)} L${x(arrow.at)} ${y(arrow.to)}`} />
      ))}
      {marks.filter((mark) => rows.has(mark.life) && mark.at >= window.from && mark.at <= window.to).map((mark, i) => (
        <g key={i} class={`life-mark ${mark.isNext ? 'next' : ''}`}>
          <circle cx={x(mark.at)} cy={y(mark.life)} r={mark.isNext ? 5 : 3} />
          {mark.isNext && <text x={x(mark.at)} y={y(mark.life) + 3.5} dx={x(mark.at) > width / 2 ? -9 : 9}
                                text-anchor={x(mark.at) > width / 2 ? 'end' : 'start'}>{mark.what}</text>}
        </g>
      ))}
    </svg>
  );
}
